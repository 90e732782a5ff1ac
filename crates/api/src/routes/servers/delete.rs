//! `DELETE /servers/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, ServerId};

use crate::error::ApiError;
use crate::extract::{IfMatch, ManageAccess, May, Path};
use crate::ops::{self, audit};
use crate::problems::{Always, GuardedChange, Missing, Stale};
use crate::routes::IfMatchParam;
use crate::state::ApiState;

/// Removes a server with its inventory, its policies, and the bindings to it. Its decisions stay.
#[utoipa::path(
    delete,
    path = "/servers/{id}",
    operation_id = "delete_server",
    tag = "servers",
    params(("id" = String, Path, description = "The server."), IfMatchParam),
    responses((status = 204, description = "Removed."), GuardedChange, Missing, Stale, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path(id): Path<ServerId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let server = ops::server::get(&state, current.account_id(), id).await?;
    if_match.check(server.revision)?;
    let mut transaction = state.begin().await?;
    if if_match.names_version() {
        // Replaces it by itself, at the same revision: whoever changes it even now makes the removal fail.
        transaction.update_server(&server).await?;
    }
    transaction.delete_server(current.account_id(), id).await?;
    let event = current.event(&state, AuditAction::ServerDeleted, id).before(&audit::server(&server));
    state.commit(transaction, current.account_id(), event).await?;
    Ok(StatusCode::NO_CONTENT)
}
