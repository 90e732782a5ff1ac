//! `GET /servers/{id}/resource-templates`

use axum::Json;
use axum::extract::State;
use ostiary_model::{EntryKind, ServerId};
use ostiary_storage::PageRequest;

use crate::dto::entry::ServerResourceTemplate;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{May, Path, Query, View};
use crate::ops;
use crate::ops::cursor::page;
use crate::ops::entry::resource_template;
use crate::problems::{Always, Guarded, Missing, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// The templates of resources that a server offered when they were last read, by pattern.
#[utoipa::path(
    get,
    path = "/servers/{id}/resource-templates",
    operation_id = "list_resource_templates",
    tag = "servers",
    params(("id" = String, Path, description = "The server."), PageParams),
    responses(
        (status = 200, description = "A page of templates of resources.", body = Page<ServerResourceTemplate>),
        Parameters, Guarded, Missing, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<ServerId>,
    Query(request): Query<PageRequest<String>>,
) -> Result<Json<Page<ServerResourceTemplate>>, ApiError> {
    let server = ops::server::get(&state, current.account_id(), id).await?;
    let found = state.store.list_entries(server.account_id, id, EntryKind::ResourceTemplate, request).await?;
    Ok(Json(page(found, |entry| entry.key.clone(), resource_template)))
}
