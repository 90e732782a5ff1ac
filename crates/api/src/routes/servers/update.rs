//! `PATCH /servers/{id}`

use axum::extract::State;
use ostiary_model::{AuditAction, ServerId};

use crate::dto::server::{Server, UpdateServerRequest};
use crate::error::{ApiError, OnConflict};
use crate::extract::{IfMatch, Json, ManageAccess, May, Path};
use crate::ops::server::{parse_auth, parse_url, read_first};
use crate::ops::{self, audit};
use crate::problems::{Always, Body, GuardedChange, Missing, SlugTaken, Stale};
use crate::routes::{IfMatchParam, Tagged};
use crate::state::ApiState;

/// Changes a server. When URL or credentials change, its inventory is read with the new ones
/// first; when that fails, nothing is stored and the failure stands at `/url`.
#[utoipa::path(
    patch,
    path = "/servers/{id}",
    operation_id = "update_server",
    tag = "servers",
    params(("id" = String, Path, description = "The server."), IfMatchParam),
    request_body = UpdateServerRequest,
    responses(
        (status = 200, description = "The server.", body = Server),
        Body, GuardedChange, Missing, Stale, SlugTaken, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path(id): Path<ServerId>,
    if_match: IfMatch,
    Json(request): Json<UpdateServerRequest>,
) -> Result<Tagged<Server>, ApiError> {
    let account_id = current.account_id();
    let mut server = ops::server::get(&state, account_id, id).await?;
    if_match.check(server.revision)?;
    let before = audit::server(&server);
    let url = request.url.as_deref().map(parse_url).transpose()?;
    let headers = request.auth.as_ref().map(parse_auth).transpose()?;
    let must_read = url.as_ref().is_some_and(|url| *url != server.url) || headers.is_some();
    server.url = url.unwrap_or(server.url);
    if let Some(headers) = headers {
        server.auth = state.credentials.seal(id, &headers);
    }
    server.slug = request.slug.unwrap_or(server.slug);
    server.name = request.name.unwrap_or(server.name);
    server.on_tool_change = request.on_tool_change.unwrap_or(server.on_tool_change);
    server.on_limits_unavailable = request.on_limits_unavailable.unwrap_or(server.on_limits_unavailable);

    let discovered = if must_read {
        let opened = state.credentials.open(id, &server.auth).map_err(|error| ApiError::Internal(error.into()))?;
        Some(read_first(&state, &server.url, opened).await?)
    } else {
        None
    };
    let now = state.clock.now();
    server.updated_at = now;
    let mut transaction = state.begin().await?;
    let stored = transaction.update_server(&server).await;
    stored.on_conflict("servers_account_id_slug_key", ApiError::ServerSlugTaken)?;
    let event = current.event(&state, AuditAction::ServerUpdated, id);
    let mut events = vec![event.before(&before).after(&audit::server(&server))];
    let change = match discovered {
        Some(discovered) => {
            ops::entry::forget(&mut *transaction, &mut server).await?;
            ops::inventory::write(&mut *transaction, &server, &discovered, now).await?
        }
        None => None,
    };
    events.extend(change.map(|change| current.event(&state, AuditAction::InventoryChanged, id).after(&change)));
    state.commit(transaction, account_id, events).await?;
    let server = ops::server::get(&state, account_id, id).await?;
    Ok(Tagged::new(server.revision, ops::server::server(&state, &current.account, server).await?))
}
