//! `POST /api-keys`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{ApiKey as StoredApiKey, ApiKeyId, AuditAction};

use crate::dto::api_key::{ApiKeyWithSecret, CreateApiKeyRequest};
use crate::error::ApiError;
use crate::extract::{Actor, Json, ManageAccess, May};
use crate::ops::audit;
use crate::ops::grant::check_expiry;
use crate::problems::{Always, Body, GuardedChange};
use crate::state::ApiState;

/// Mints an API key. The key is shown in this answer and never again. Its role is at most the caller's.
#[utoipa::path(
    post,
    path = "/api-keys",
    operation_id = "create_api_key",
    tag = "api-keys",
    request_body = CreateApiKeyRequest,
    responses((status = 201, description = "The key, this once.", body = ApiKeyWithSecret), Body, GuardedChange, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Json(request): Json<CreateApiKeyRequest>,
) -> Result<Response, ApiError> {
    if !current.role.covers(request.role) {
        return Err(ApiError::invalid("/role", "role_above_own", "must not allow more than your own role"));
    }
    let now = state.clock.now();
    check_expiry(request.expires_at, now)?;
    let token = Token::mint(TokenKind::ApiKey);
    let key = StoredApiKey {
        id: ApiKeyId::generate(),
        account_id: current.account_id(),
        label: request.label,
        role: request.role,
        hint: token.hint(),
        created_by: match &current.actor {
            Actor::User { user, .. } => user.id,
            Actor::Key { key, .. } => key.created_by,
        },
        created_at: now,
        expires_at: request.expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    let mut transaction = state.begin().await?;
    transaction.create_api_key(&key, token.hash().as_bytes()).await?;
    let event = current.event(&state, AuditAction::ApiKeyCreated, key.id).after(&audit::api_key(&key));
    transaction.commit(event.into()).await?;
    let body = ApiKeyWithSecret { api_key: key.into(), key: token.reveal().to_owned() };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}
