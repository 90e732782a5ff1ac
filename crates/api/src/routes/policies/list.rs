//! `GET /policies`

use axum::Json;
use axum::extract::State;
use ostiary_model::{PolicyId, ServerId};
use ostiary_storage::PageRequest;
use utoipa::IntoParams;

use crate::dto::page::Page;
use crate::dto::policy::Policy;
use crate::error::ApiError;
use crate::extract::{FromQuery, May, Query, QueryInput, View};
use crate::ops::cursor::CursorKey;
use crate::ops::policy::policies;
use crate::problems::{Always, Guarded, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// Which policies.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PolicyFilter {
    /// Of this server.
    #[param(value_type = Option<String>)]
    server_id: Option<ServerId>,
    #[param(ignore)]
    page: PageRequest<PolicyId>,
}

impl FromQuery for PolicyFilter {
    fn from_query(input: &mut QueryInput) -> Self {
        Self { server_id: input.optional("server_id", "must be the id of a server"), page: input.page() }
    }
}

/// The policies at their newest versions, the newest policy first.
#[utoipa::path(
    get,
    path = "/policies",
    operation_id = "list_policies",
    tag = "policies",
    params(PolicyFilter, PageParams),
    responses((status = 200, description = "A page of policies.", body = Page<Policy>), Parameters, Guarded, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Query(filter): Query<PolicyFilter>,
) -> Result<Json<Page<Policy>>, ApiError> {
    let page = state.store.list_policies(current.account_id(), filter.server_id, filter.page).await?;
    let next_cursor = page.items.last().filter(|_| page.has_more).map(|last| last.id.to_cursor());
    let items = policies(&state, current.account_id(), page.items).await?;
    Ok(Json(Page { items, next_cursor }))
}
