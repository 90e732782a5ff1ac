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
use crate::ops::finding::Neighbourhood;
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
    /// With a finding of this code, or with any.
    finding: Option<String>,
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
            finding: input.text("finding"),
            q: input.text("q").map(|text| text.to_lowercase()),
            page: input.page(),
        }
    }
}

/// The word for every finding.
const ANY: &str = "any";

impl ToolFilter {
    const fn is_empty(&self) -> bool {
        self.category.is_none() && self.risk.is_none() && self.finding.is_none() && self.q.is_none()
    }

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
    let around = Neighbourhood::of(&state, current.account_id(), id, server.name.as_str()).await?;
    let found = if filter.is_empty() {
        state.store.list_tools(current.account_id(), id, filter.page).await?
    } else {
        filtered(&state, &current, id, filter, &around).await?
    };
    Ok(Json(page(found, |tool| tool.name.clone(), |found| tool(&around, found))))
}

/// An inventory is bounded, so that its filters need no statements of their own.
async fn filtered(
    state: &ApiState,
    current: &May<View>,
    id: ServerId,
    filter: ToolFilter,
    around: &Neighbourhood,
) -> Result<ostiary_storage::Page<StoredTool>, ApiError> {
    let mut items = state.store.list_all_tools(current.account_id(), id).await?;
    items.retain(|tool| filter.fits(tool) && filter.page.after.as_ref().is_none_or(|after| tool.name > *after));
    // Last, because it costs the most.
    if let Some(code) = &filter.finding {
        items.retain(|tool| around.findings(tool).iter().any(|finding| finding.code == code || code == ANY));
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    let limit = usize::try_from(filter.page.limit).unwrap_or(usize::MAX);
    let has_more = items.len() > limit;
    items.truncate(limit);
    Ok(ostiary_storage::Page { items, has_more })
}
