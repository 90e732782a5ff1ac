//! `GET /me`

use axum::Json;
use axum::extract::State;

use crate::dto::account::Me;
use crate::error::ApiError;
use crate::extract::{May, View};
use crate::ops::account::me;
use crate::problems::{Always, Guarded};
use crate::state::ApiState;

/// Who is calling, and in which account.
#[utoipa::path(
    get,
    path = "/me",
    operation_id = "get_me",
    tag = "account",
    responses((status = 200, description = "The caller.", body = Me), Guarded, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, current: May<View>) -> Result<Json<Me>, ApiError> {
    Ok(Json(me(&state, &current)))
}
