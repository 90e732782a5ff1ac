//! `GET /servers/{id}/changes`

use axum::Json;
use axum::extract::State;
use ostiary_model::{ServerId, ToolChangeId};
use ostiary_storage::PageRequest;
use utoipa::IntoParams;

use crate::dto::page::Page;
use crate::dto::tool_change::ToolChange;
use crate::error::ApiError;
use crate::extract::{FromQuery, May, Path, Query, QueryInput, View};
use crate::ops;
use crate::ops::cursor::page;
use crate::ops::tool_change::tool_change;
use crate::problems::{Always, Guarded, Missing, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// Which changes.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangeFilter {
    /// True for those that somebody has accepted; without it, those that nobody has.
    #[param(required = false)]
    accepted: Option<bool>,
    #[param(ignore)]
    page: PageRequest<ToolChangeId>,
}

impl FromQuery for ChangeFilter {
    fn from_query(input: &mut QueryInput) -> Self {
        Self { accepted: input.optional("accepted", "must be true or false"), page: input.page() }
    }
}

/// What is different to what was accepted of a server, the newest first.
#[utoipa::path(
    get,
    path = "/servers/{id}/changes",
    operation_id = "list_tool_changes",
    tag = "servers",
    params(("id" = String, Path, description = "The server."), ChangeFilter, PageParams),
    responses(
        (status = 200, description = "A page of changes.", body = Page<ToolChange>),
        Parameters, Guarded, Missing, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<ServerId>,
    Query(filter): Query<ChangeFilter>,
) -> Result<Json<Page<ToolChange>>, ApiError> {
    let account_id = current.account_id();
    ops::server::get(&state, account_id, id).await?;
    let is_accepted = filter.accepted.unwrap_or(false);
    let found = state.store.list_tool_changes(account_id, id, is_accepted, filter.page).await?;
    Ok(Json(page(found, |change| change.id, tool_change)))
}
