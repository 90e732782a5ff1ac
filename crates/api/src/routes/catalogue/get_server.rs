//! `GET /catalogue/servers/{slug}`

use axum::Json;
use axum::extract::State;

use crate::dto::catalogue::CatalogueServerWithTools;
use crate::error::ApiError;
use crate::extract::Path;
use crate::ops::catalogue::{similar, with_tools};
use crate::problems::{Always, Missing};
use crate::state::ApiState;

/// A server of the catalogue with its tools. Needs no account.
#[utoipa::path(
    get,
    path = "/catalogue/servers/{slug}",
    operation_id = "get_catalogue_server",
    tag = "catalogue",
    security(()),
    params(("slug" = String, Path, description = "The server.")),
    responses((status = 200, description = "The server.", body = CatalogueServerWithTools), Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    Path(slug): Path<String>,
) -> Result<Json<CatalogueServerWithTools>, ApiError> {
    let server = state.store.get_catalogue_server(&slug).await?.ok_or(ApiError::NotFound)?;
    let tools = state.store.list_catalogue_tools(&slug).await?;
    let similar = similar(&*state.store, &slug, &tools).await?;
    Ok(Json(with_tools(server, &tools, similar)))
}
