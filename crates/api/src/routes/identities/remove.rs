//! `POST /identities/{id}/remove`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, IdentityId};
use serde_json::json;

use crate::dto::second_factor::OwnPasswordRequest;
use crate::error::ApiError;
use crate::extract::{Json, Path, Person};
use crate::ops::person::{check_own_password, events};
use crate::problems::{Always, Body, Missing, PersonalChange, TooMany};
use crate::state::ApiState;

/// Has a provider's word let nobody in as the caller any more. The caller's password shows that they still get in.
#[utoipa::path(
    post,
    path = "/identities/{id}/remove",
    operation_id = "remove_identity",
    tag = "auth",
    security(("session" = [])),
    params(("id" = String, Path, description = "Id of the identity.")),
    request_body = OwnPasswordRequest,
    responses((status = 204, description = "Removed."), Body, PersonalChange, Missing, TooMany, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Path(id): Path<IdentityId>,
    Json(request): Json<OwnPasswordRequest>,
) -> Result<StatusCode, ApiError> {
    let user = check_own_password(&state, &person, request.password, "/password").await?.user;
    let found = state.store.list_identities(user.id).await?;
    let identity = found.iter().find(|identity| identity.id == id).ok_or(ApiError::NotFound)?;
    let before = json!({"issuer": identity.issuer, "email": identity.email});
    let events = events(&state, &user, AuditAction::IdentityRemoved).await?.into_iter();
    let mut transaction = state.begin().await?;
    transaction.delete_identity(user.id, id).await?;
    transaction.commit(events.map(|event| event.before(&before)).collect::<Vec<_>>().into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
