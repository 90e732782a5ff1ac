//! `GET /servers/{id}/tools`

use axum::Json;
use axum::extract::State;
use ostiary_model::tool::{Category, Risk};
use ostiary_model::{ServerId, Tool as StoredTool};
use ostiary_storage::PageRequest;
use serde_json::Value;
use utoipa::IntoParams;

use crate::dto::page::Page;
use crate::dto::schema;
use crate::dto::tool::Tool;
use crate::error::ApiError;
use crate::extract::{FromQuery, May, Path, Query, QueryInput, View};
use crate::ops;
use crate::ops::cursor::page;
use crate::ops::tool::tool;
use crate::problems::{Always, Guarded, Missing, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// Which tools.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ToolFilter {
    /// Of this category.
    #[param(schema_with = schema::category, required = false)]
    category: Option<Category>,
    /// Of this risk.
    #[param(schema_with = schema::risk, required = false)]
    risk: Option<Risk>,
    /// With this text in name, title or description; case does not matter.
    q: Option<String>,
    #[param(ignore)]
    page: PageRequest<String>,
}

impl FromQuery for ToolFilter {
    fn from_query(input: &mut QueryInput) -> Self {
        Self {
            category: input.optional("category", "must be a category"),
            risk: input.optional("risk", "must be a risk"),
            q: input.text("q").map(|text| text.to_lowercase()),
            page: input.page(),
        }
    }
}

impl ToolFilter {
    fn fits(&self, tool: &StoredTool) -> bool {
        self.category.is_none_or(|category| category == tool.category())
            && self.risk.is_none_or(|risk| risk == tool.risk())
            && self.q.as_deref().is_none_or(|text| mentions(tool, text))
    }
}

fn mentions(tool: &StoredTool, text: &str) -> bool {
    let parts = ["name", "title", "description"].into_iter();
    parts
        .filter_map(|part| tool.definition.get(part).and_then(Value::as_str))
        .any(|part| part.to_lowercase().contains(text))
}

/// The tools of a server, by name.
#[utoipa::path(
    get,
    path = "/servers/{id}/tools",
    operation_id = "list_tools",
    tag = "servers",
    params(("id" = String, Path, description = "The server."), ToolFilter, PageParams),
    responses((status = 200, description = "A page of tools.", body = Page<Tool>), Parameters, Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<ServerId>,
    Query(filter): Query<ToolFilter>,
) -> Result<Json<Page<Tool>>, ApiError> {
    let server = ops::server::get(&state, current.account_id(), id).await?;
    let found = if filter.category.is_none() && filter.risk.is_none() && filter.q.is_none() {
        state.store.list_tools(current.account_id(), id, filter.page).await?
    } else {
        filtered(&state, &current, id, filter).await?
    };
    Ok(Json(page(found, |tool| tool.name.clone(), |found| tool(server.name.as_str(), found))))
}

/// An inventory is bounded, so that its filters need no statements of their own.
async fn filtered(
    state: &ApiState,
    current: &May<View>,
    id: ServerId,
    filter: ToolFilter,
) -> Result<ostiary_storage::Page<StoredTool>, ApiError> {
    let mut items = state.store.list_all_tools(current.account_id(), id).await?;
    items.retain(|tool| filter.fits(tool) && filter.page.after.as_ref().is_none_or(|after| tool.name > *after));
    items.sort_by(|a, b| a.name.cmp(&b.name));
    let limit = usize::try_from(filter.page.limit).unwrap_or(usize::MAX);
    let has_more = items.len() > limit;
    items.truncate(limit);
    Ok(ostiary_storage::Page { items, has_more })
}
