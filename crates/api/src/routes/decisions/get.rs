//! `GET /decisions/{id}`

use axum::Json;
use axum::extract::State;
use ostiary_model::DecisionId;

use crate::dto::decision::Decision;
use crate::error::ApiError;
use crate::extract::{May, Path, View};
use crate::problems::{Always, Guarded, Missing};
use crate::state::ApiState;

/// A decision.
#[utoipa::path(
    get,
    path = "/decisions/{id}",
    operation_id = "get_decision",
    tag = "decisions",
    params(("id" = String, Path, description = "The decision.")),
    responses((status = 200, description = "The decision.", body = Decision), Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<DecisionId>,
) -> Result<Json<Decision>, ApiError> {
    let decision = state.store.get_decision(current.account_id(), id).await?.ok_or(ApiError::NotFound)?;
    Ok(Json(decision.into()))
}
