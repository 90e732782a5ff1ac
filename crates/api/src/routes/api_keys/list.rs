//! `GET /api-keys`

use axum::Json;
use axum::extract::State;
use ostiary_model::ApiKeyId;
use ostiary_storage::PageRequest;

use crate::dto::api_key::ApiKey;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{ManageAccess, May, Query};
use crate::ops::cursor::page;
use crate::problems::{Always, Guarded, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// The API keys that are not revoked, the newest first.
#[utoipa::path(
    get,
    path = "/api-keys",
    operation_id = "list_api_keys",
    tag = "api-keys",
    params(PageParams),
    responses((status = 200, description = "A page of API keys.", body = Page<ApiKey>), Parameters, Guarded, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Query(request): Query<PageRequest<ApiKeyId>>,
) -> Result<Json<Page<ApiKey>>, ApiError> {
    let found = state.store.list_api_keys(current.account_id(), request).await?;
    Ok(Json(page(found, |key| key.id, ApiKey::from)))
}
