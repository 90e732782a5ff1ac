//! `GET /servers`

use axum::Json;
use axum::extract::State;
use ostiary_model::ServerId;
use ostiary_storage::PageRequest;

use crate::dto::page::Page;
use crate::dto::server::Server;
use crate::error::ApiError;
use crate::extract::{May, Query, View};
use crate::ops::cursor::CursorKey;
use crate::ops::server::servers;
use crate::problems::{Always, Guarded, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// The servers, the newest first.
#[utoipa::path(
    get,
    path = "/servers",
    operation_id = "list_servers",
    tag = "servers",
    params(PageParams),
    responses((status = 200, description = "A page of servers.", body = Page<Server>), Parameters, Guarded, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Query(request): Query<PageRequest<ServerId>>,
) -> Result<Json<Page<Server>>, ApiError> {
    let page = state.store.list_servers(current.account_id(), request).await?;
    let next_cursor = page.items.last().filter(|_| page.has_more).map(|last| last.id.to_cursor());
    let items = servers(&state, &current.account, page.items).await?;
    Ok(Json(Page { items, next_cursor }))
}
