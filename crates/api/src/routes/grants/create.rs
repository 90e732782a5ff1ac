//! `POST /grants`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{AuditAction, Binding, Grant as StoredGrant, GrantId};
use serde_json::Value;

use crate::dto::grant::{CreateGrantRequest, GrantWithToken};
use crate::error::ApiError;
use crate::extract::{Json, ManageAccess, May};
use crate::ops::grant::{GrantWriter, check_binding, check_expiry};
use crate::ops::plan::Added;
use crate::ops::{audit, plan};
use crate::problems::{Always, Body, GuardedChange, PlanLimited};
use crate::state::ApiState;

/// Mints a grant. Its token is shown in this answer and never again.
#[utoipa::path(
    post,
    path = "/grants",
    operation_id = "create_grant",
    tag = "grants",
    request_body = CreateGrantRequest,
    responses(
        (status = 201, description = "The grant and its token, this once.", body = GrantWithToken),
        Body, GuardedChange, PlanLimited, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Json(request): Json<CreateGrantRequest>,
) -> Result<Response, ApiError> {
    let now = state.clock.now();
    check_expiry(request.expires_at, now)?;
    let mut bindings = Vec::with_capacity(request.bindings.len());
    let mut errors = Vec::new();
    for (index, wanted) in request.bindings.into_iter().enumerate() {
        let mode = wanted.mode.unwrap_or(ostiary_model::Mode::Enforce);
        let binding = Binding { server_id: wanted.server_id, policy_id: wanted.policy_id, mode };
        check_binding(&state, current.account_id(), &binding, &format!("/bindings/{index}"), &mut errors).await?;
        bindings.push(binding);
    }
    if !errors.is_empty() {
        return Err(ApiError::InvalidInput(errors));
    }
    let token = Token::mint(TokenKind::Grant);
    let grant = StoredGrant {
        id: GrantId::generate(),
        account_id: current.account_id(),
        label: request.label,
        bindings,
        metadata: Value::Object(request.metadata.unwrap_or_default()),
        token_hint: token.hint(),
        expires_at: request.expires_at,
        revoked_at: None,
        last_used_at: None,
        revision: 1,
        created_at: now,
    };
    let mut transaction = state.begin().await?;
    plan::hold(&state, &mut *transaction, grant.account_id, Added::Grant).await?;
    transaction.create_grant(&grant, token.hash().as_bytes()).await?;
    let event = current.event(&state, AuditAction::GrantCreated, grant.id).after(&audit::grant(&grant));
    state.commit(transaction, grant.account_id, event).await?;
    let grant = GrantWriter::new(&state, &current.account).grant(grant).await?;
    let body = GrantWithToken { grant, token: token.reveal().to_owned() };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}
