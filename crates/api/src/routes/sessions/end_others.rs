//! `DELETE /sessions`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::AuditAction;
use ostiary_storage::Unrecorded;
use serde_json::json;

use crate::error::ApiError;
use crate::extract::Person;
use crate::problems::{Always, PersonalChange};
use crate::state::ApiState;

/// Signs all of the caller's browsers out but the one that asks.
#[utoipa::path(
    delete,
    path = "/sessions",
    operation_id = "end_other_sessions",
    tag = "auth",
    security(("session" = [])),
    responses((status = 204, description = "Signed out."), PersonalChange, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, person: Person) -> Result<StatusCode, ApiError> {
    let mut transaction = state.begin().await?;
    let ended = transaction.end_sessions_of(person.user.id, Some(person.session.id)).await?;
    if ended == 0 {
        transaction.commit(Unrecorded::NothingChanged.into()).await?;
    } else {
        let event = person.event(&state, AuditAction::SessionEnded, person.user.id);
        transaction.commit(event.before(&json!({ "others": ended })).into()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
