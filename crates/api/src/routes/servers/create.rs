//! `POST /servers`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ostiary_model::{AccountId, Server as StoredServer, ServerId, Slug};
use ostiary_model::{AuditAction, server::InventoryState};

use crate::dto::server::{CreateServerRequest, Server};
use crate::error::{ApiError, OnConflict};
use crate::extract::{Json, ManageAccess, May};
use crate::ops::inventory::tools;
use crate::ops::plan::Added;
use crate::ops::server::{parse_auth, parse_url, read_first, server};
use crate::ops::{audit, entry, plan};
use crate::problems::{Always, Body, GuardedChange, TakenOrLimited};
use crate::routes::Tagged;
use crate::state::ApiState;

/// Registers a server. Its inventory is read first; when that fails, nothing is stored and the
/// failure stands at `/url`, with one of the codes `upstream_url_invalid`,
/// `upstream_address_blocked`, `upstream_unreachable`, `upstream_redirects`, `upstream_not_mcp`,
/// `upstream_garbage`, `upstream_timeout`, `upstream_unauthorized` and `upstream_http_error`.
#[utoipa::path(
    post,
    path = "/servers",
    operation_id = "create_server",
    tag = "servers",
    request_body = CreateServerRequest,
    responses(
        (status = 201, description = "The server, with its inventory read.", body = Server),
        Body, GuardedChange, TakenOrLimited, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Json(request): Json<CreateServerRequest>,
) -> Result<Response, ApiError> {
    let url = parse_url(&request.url)?;
    let headers = request.auth.as_ref().map(parse_auth).transpose()?.unwrap_or_default();
    let slug = request
        .slug
        .or_else(|| Slug::from_name(request.name.as_str()))
        .ok_or_else(|| ApiError::invalid("/slug", "required", "must be given: no slug can be made from this name"))?;
    // Before the inventory is read, which may take seconds; the constraint has the last word.
    if state.store.find_server_by_slug(current.account_id(), &slug).await?.is_some() {
        return Err(ApiError::ServerSlugTaken);
    }

    room(&state, current.account_id()).await?;

    let id = ServerId::generate();
    let auth = state.credentials.seal(id, &headers);
    let opened = state.credentials.open(id, &auth).map_err(|error| ApiError::Internal(error.into()))?;
    let discovered = read_first(&state, &url, opened).await?;
    let now = state.clock.now();
    let created = StoredServer {
        id,
        account_id: current.account_id(),
        slug,
        name: request.name,
        url,
        auth,
        on_tool_change: request.on_tool_change.unwrap_or_default(),
        on_limits_unavailable: request.on_limits_unavailable.unwrap_or_default(),
        identity: discovered.identity.clone(),
        inventory: InventoryState {
            read_at: Some(now),
            error: None,
            lists: entry::states(&BTreeMap::new(), &discovered, now),
        },
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    let mut transaction = state.begin().await?;
    plan::hold(&state, &mut *transaction, created.account_id, Added::Server).await?;
    let stored = transaction.create_server(&created).await;
    stored.on_conflict("servers_account_id_slug_key", ApiError::ServerSlugTaken)?;
    transaction.replace_tools(created.account_id, id, &tools(&created, &discovered, now), now).await?;
    entry::write(&mut *transaction, &created, &discovered, now).await?;
    let event = current.event(&state, AuditAction::ServerCreated, id).after(&audit::server(&created));
    state.commit(transaction, created.account_id, event).await?;
    let revision = created.revision;
    let body: Server = server(&state, &current.account, created).await?;
    Ok((StatusCode::CREATED, Tagged::new(revision, body)).into_response())
}

/// Whether there is room for one more, before anything is asked of it; the same is looked at again when it is added.
async fn room(state: &ApiState, account_id: AccountId) -> Result<(), ApiError> {
    let mut transaction = state.begin().await?;
    plan::hold(state, &mut *transaction, account_id, Added::Server).await
}
