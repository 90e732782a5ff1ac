//! `GET /servers/{id}/tools/{name}`

use axum::extract::State;
use ostiary_model::ServerId;

use crate::dto::tool::Tool;
use crate::error::ApiError;
use crate::extract::{May, Path, View};
use crate::ops;
use crate::ops::finding::Neighbourhood;
use crate::ops::tool::{tag, tool};
use crate::problems::{Always, Guarded, Missing};
use crate::routes::Tagged;
use crate::state::ApiState;

/// A tool.
#[utoipa::path(
    get,
    path = "/servers/{id}/tools/{name}",
    operation_id = "get_tool",
    tag = "servers",
    params(("id" = String, Path, description = "The server."), ("name" = String, Path, description = "The tool.")),
    responses((status = 200, description = "The tool.", body = Tool), Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path((id, name)): Path<(ServerId, String)>,
) -> Result<Tagged<Tool>, ApiError> {
    let server = ops::server::get(&state, current.account_id(), id).await?;
    let found = state.store.get_tool(current.account_id(), id, &name).await?.ok_or(ApiError::NotFound)?;
    let around = Neighbourhood::of(&state, current.account_id(), id, server.name.as_str()).await?;
    Ok(Tagged::new(tag(&found), tool(&around, found)))
}
