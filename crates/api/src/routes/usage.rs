//! `GET /usage`

use axum::Json;
use axum::extract::State;

use crate::dto::usage::Usage;
use crate::error::ApiError;
use crate::extract::{May, View};
use crate::ops::usage::usage;
use crate::problems::{Always, Guarded};
use crate::state::ApiState;

/// What the account has, what it did this month, and what its plan allows.
#[utoipa::path(
    get,
    path = "/usage",
    operation_id = "get_usage",
    tag = "account",
    responses((status = 200, description = "The usage of the account.", body = Usage), Guarded, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, current: May<View>) -> Result<Json<Usage>, ApiError> {
    Ok(Json(usage(&state, &current.account).await?))
}
