//! `GET /catalogue/servers/{slug}/tools/{tool}`

use axum::Json;
use axum::extract::State;

use crate::dto::catalogue::CatalogueTool;
use crate::error::ApiError;
use crate::extract::Path;
use crate::ops::catalogue::tool;
use crate::problems::{Always, Missing};
use crate::state::ApiState;

/// A tool of the catalogue. Needs no account.
#[utoipa::path(
    get,
    path = "/catalogue/servers/{slug}/tools/{tool}",
    operation_id = "get_catalogue_tool",
    tag = "catalogue",
    security(()),
    params(
        ("slug" = String, Path, description = "The server."),
        ("tool" = String, Path, description = "The tool.")
    ),
    responses((status = 200, description = "The tool.", body = CatalogueTool), Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    Path((slug, name)): Path<(String, String)>,
) -> Result<Json<CatalogueTool>, ApiError> {
    let server = state.store.get_catalogue_server(&slug).await?.ok_or(ApiError::NotFound)?;
    let found = state.store.get_catalogue_tool(&slug, &name).await?.ok_or(ApiError::NotFound)?;
    Ok(Json(tool(&server, found)))
}
