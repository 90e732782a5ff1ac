//! `GET /catalogue/servers`

use axum::Json;
use axum::extract::State;
use ostiary_storage::PageRequest;
use utoipa::IntoParams;

use crate::dto::catalogue::CatalogueServer;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{FromQuery, Query, QueryInput};
use crate::ops::catalogue::server;
use crate::ops::cursor::page;
use crate::problems::{Always, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// Which servers.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CatalogueSearch {
    /// With all of these words, or words that begin with them, in name or description.
    q: Option<String>,
    #[param(ignore)]
    page: PageRequest<String>,
}

impl FromQuery for CatalogueSearch {
    fn from_query(input: &mut QueryInput) -> Self {
        Self { q: input.text("q"), page: input.page() }
    }
}

/// Servers of the catalogue, by slug. Needs no account.
#[utoipa::path(
    get,
    path = "/catalogue/servers",
    operation_id = "list_catalogue_servers",
    tag = "catalogue",
    security(()),
    params(CatalogueSearch, PageParams),
    responses((status = 200, description = "A page of servers.", body = Page<CatalogueServer>), Parameters, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    Query(search): Query<CatalogueSearch>,
) -> Result<Json<Page<CatalogueServer>>, ApiError> {
    let words: Vec<String> = search.q.into_iter().collect();
    let found = state.store.list_catalogue_servers(&words, search.page).await?;
    Ok(Json(page(found, |server| server.slug.clone(), server)))
}
