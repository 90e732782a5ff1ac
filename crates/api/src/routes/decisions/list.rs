//! `GET /decisions`

use axum::Json;
use axum::extract::State;
use ostiary_model::DecisionId;
use ostiary_storage::PageRequest;

use super::{Filter, FilterParams};
use crate::dto::decision::Decision;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{FromQuery, May, Query, QueryInput, View};
use crate::ops::cursor::page;
use crate::problems::{Always, Guarded, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// Which decisions, and which page of them.
#[derive(Debug)]
pub(crate) struct FilterAndPage {
    filter: Filter,
    page: PageRequest<DecisionId>,
}

impl FromQuery for FilterAndPage {
    fn from_query(input: &mut QueryInput) -> Self {
        Self { filter: Filter::from_query(input), page: input.page() }
    }
}

/// Decisions, the newest first.
#[utoipa::path(
    get,
    path = "/decisions",
    operation_id = "list_decisions",
    tag = "decisions",
    params(FilterParams, PageParams),
    responses((status = 200, description = "A page of decisions.", body = Page<Decision>), Parameters, Guarded, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Query(request): Query<FilterAndPage>,
) -> Result<Json<Page<Decision>>, ApiError> {
    let found = state.store.list_decisions(current.account_id(), &request.filter.0, request.page).await?;
    Ok(Json(page(found, |decision| decision.id, Decision::from)))
}
