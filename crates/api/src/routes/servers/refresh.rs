//! `POST /servers/{id}/refresh`

use axum::extract::State;
use ostiary_model::ServerId;

use crate::dto::server::Server;
use crate::error::ApiError;
use crate::extract::{ManageAccess, May, Path};
use crate::ops;
use crate::problems::{Always, GuardedChange, Missing};
use crate::routes::Tagged;
use crate::state::ApiState;

/// Reads the inventory again. When the server does not answer, the inventory stays as it was,
/// and `inventory.error` says why.
#[utoipa::path(
    post,
    path = "/servers/{id}/refresh",
    operation_id = "refresh_server",
    tag = "servers",
    params(("id" = String, Path, description = "The server.")),
    responses((status = 200, description = "The server.", body = Server), GuardedChange, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path(id): Path<ServerId>,
) -> Result<Tagged<Server>, ApiError> {
    let server = ops::server::get(&state, current.account_id(), id).await?;
    ops::inventory::refresh(&state, current.account_id(), &server, current.actor.audit()).await?;
    let server = ops::server::get(&state, current.account_id(), id).await?;
    Ok(Tagged::new(server.revision, ops::server::server(&state, &current.account, server).await?))
}
