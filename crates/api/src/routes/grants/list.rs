//! `GET /grants`

use axum::Json;
use axum::extract::State;
use ostiary_model::GrantId;
use ostiary_storage::PageRequest;

use crate::dto::grant::Grant;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{May, Query, View};
use crate::ops::cursor::CursorKey;
use crate::ops::grant::GrantWriter;
use crate::problems::{Always, Guarded, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// The grants, the newest first; expired and revoked ones too.
#[utoipa::path(
    get,
    path = "/grants",
    operation_id = "list_grants",
    tag = "grants",
    params(PageParams),
    responses((status = 200, description = "A page of grants.", body = Page<Grant>), Parameters, Guarded, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Query(request): Query<PageRequest<GrantId>>,
) -> Result<Json<Page<Grant>>, ApiError> {
    let page = state.store.list_grants(current.account_id(), request).await?;
    let next_cursor = page.items.last().filter(|_| page.has_more).map(|last| last.id.to_cursor());
    let mut writer = GrantWriter::new(&state, &current.account);
    let mut items = Vec::with_capacity(page.items.len());
    for item in page.items {
        items.push(writer.grant(item).await?);
    }
    Ok(Json(Page { items, next_cursor }))
}
