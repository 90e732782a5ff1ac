//! `DELETE /sessions/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, SessionId};

use crate::error::ApiError;
use crate::extract::{Path, Person};
use crate::problems::{Always, Missing, PersonalChange};
use crate::state::ApiState;

/// Signs one of the caller's browsers out.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    operation_id = "end_session",
    tag = "auth",
    security(("session" = [])),
    params(("id" = String, Path, description = "The session.")),
    responses((status = 204, description = "Signed out."), PersonalChange, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, ApiError> {
    let mut transaction = state.begin().await?;
    transaction.end_session_of(person.user.id, id).await?;
    let event = person.event(&state, AuditAction::SessionEnded, id);
    transaction.commit(event.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
