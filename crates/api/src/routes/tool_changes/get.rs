//! `GET /servers/{id}/changes/{change_id}`

use axum::Json;
use axum::extract::State;
use ostiary_model::{ServerId, ToolChangeId};

use crate::dto::tool_change::ToolChange;
use crate::error::ApiError;
use crate::extract::{May, Path, View};
use crate::ops::tool_change::tool_change;
use crate::problems::{Always, Guarded, Missing};
use crate::state::ApiState;

/// A change of the inventory.
#[utoipa::path(
    get,
    path = "/servers/{id}/changes/{change_id}",
    operation_id = "get_tool_change",
    tag = "servers",
    params(
        ("id" = String, Path, description = "The server."),
        ("change_id" = String, Path, description = "The change.")
    ),
    responses((status = 200, description = "The change.", body = ToolChange), Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path((id, change_id)): Path<(ServerId, ToolChangeId)>,
) -> Result<Json<ToolChange>, ApiError> {
    let found = state.store.get_tool_change(current.account_id(), id, change_id).await?;
    Ok(Json(tool_change(found.ok_or(ApiError::NotFound)?)))
}
