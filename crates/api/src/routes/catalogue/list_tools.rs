//! `GET /catalogue/tools`

use axum::Json;
use axum::extract::State;
use ostiary_model::tool::Category;
use ostiary_storage::{CatalogueFilter, PageRequest};
use utoipa::IntoParams;

use crate::dto::catalogue::CatalogueHit;
use crate::dto::page::Page;
use crate::dto::schema;
use crate::error::ApiError;
use crate::extract::{FromQuery, Query, QueryInput};
use crate::ops::catalogue::hit;
use crate::ops::cursor::page;
use crate::problems::{Always, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// Which tools.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CatalogueToolSearch {
    /// With all of these words, or words that begin with them, in name or description.
    q: Option<String>,
    /// Of this category.
    #[param(schema_with = schema::category)]
    category: Option<Category>,
    /// `any`: only tools with something wrong in their definitions.
    finding: Option<String>,
    #[param(ignore)]
    page: PageRequest<i64>,
}

impl FromQuery for CatalogueToolSearch {
    fn from_query(input: &mut QueryInput) -> Self {
        let finding = input.text("finding");
        if finding.as_deref().is_some_and(|finding| finding != "any") {
            input.note("finding", "invalid", "must be `any`");
        }
        Self {
            q: input.text("q"),
            category: input.optional("category", "must be a category of tools"),
            finding,
            page: input.page(),
        }
    }
}

/// Tools of the catalogue, in the order in which they were imported. Needs no account.
#[utoipa::path(
    get,
    path = "/catalogue/tools",
    operation_id = "list_catalogue_tools",
    tag = "catalogue",
    security(()),
    params(CatalogueToolSearch, PageParams),
    responses((status = 200, description = "A page of tools.", body = Page<CatalogueHit>), Parameters, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    Query(search): Query<CatalogueToolSearch>,
) -> Result<Json<Page<CatalogueHit>>, ApiError> {
    let words = search.q.into_iter().collect();
    let filter = CatalogueFilter { words, category: search.category, has_findings: search.finding.is_some() };
    let found = state.store.search_catalogue_tools(&filter, search.page).await?;
    Ok(Json(page(found, |hit| hit.position, hit)))
}
