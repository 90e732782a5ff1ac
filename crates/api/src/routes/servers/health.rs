//! `GET /servers/{id}/health`

use axum::Json;
use axum::extract::State;
use ostiary_model::ServerId;

use crate::dto::server::ServerHealth;
use crate::error::ApiError;
use crate::extract::{May, Path, View};
use crate::ops;
use crate::problems::{Always, Guarded, Missing};
use crate::state::ApiState;

/// Whether the server answered when its inventory was last read.
#[utoipa::path(
    get,
    path = "/servers/{id}/health",
    operation_id = "get_server_health",
    tag = "servers",
    params(("id" = String, Path, description = "The server.")),
    responses((status = 200, description = "Its health.", body = ServerHealth), Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<ServerId>,
) -> Result<Json<ServerHealth>, ApiError> {
    let server = ops::server::get(&state, current.account_id(), id).await?;
    Ok(Json(ops::server::health(server)))
}
