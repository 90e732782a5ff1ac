//! `GET /servers/{id}`

use axum::extract::State;
use ostiary_model::ServerId;

use crate::dto::server::Server;
use crate::error::ApiError;
use crate::extract::{May, Path, View};
use crate::ops;
use crate::problems::{Always, Guarded, Missing};
use crate::routes::Tagged;
use crate::state::ApiState;

/// A server.
#[utoipa::path(
    get,
    path = "/servers/{id}",
    operation_id = "get_server",
    tag = "servers",
    params(("id" = String, Path, description = "The server.")),
    responses((status = 200, description = "The server.", body = Server), Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<ServerId>,
) -> Result<Tagged<Server>, ApiError> {
    let server = ops::server::get(&state, current.account_id(), id).await?;
    Ok(Tagged::new(server.revision, ops::server::server(&state, &current.account, server).await?))
}
