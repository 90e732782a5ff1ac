//! `GET /policies/{id}`

use axum::extract::State;
use ostiary_model::PolicyId;

use crate::dto::policy::Policy;
use crate::error::ApiError;
use crate::extract::{May, Path, View};
use crate::ops::policy::{self, get};
use crate::problems::{Always, Guarded, Missing};
use crate::routes::Tagged;
use crate::state::ApiState;

/// A policy at its newest version.
#[utoipa::path(
    get,
    path = "/policies/{id}",
    operation_id = "get_policy",
    tag = "policies",
    params(("id" = String, Path, description = "The policy.")),
    responses((status = 200, description = "The policy.", body = Policy), Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<PolicyId>,
) -> Result<Tagged<Policy>, ApiError> {
    let policy = get(&state, current.account_id(), id).await?;
    let body = policy::policy(&state, policy).await?;
    Ok(Tagged::new(body.version, body))
}
