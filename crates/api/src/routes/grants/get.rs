//! `GET /grants/{id}`

use axum::extract::State;
use ostiary_model::GrantId;

use crate::dto::grant::Grant;
use crate::error::ApiError;
use crate::extract::{May, Path, View};
use crate::ops::grant::{GrantWriter, get};
use crate::problems::{Always, Guarded, Missing};
use crate::routes::Tagged;
use crate::state::ApiState;

/// A grant.
#[utoipa::path(
    get,
    path = "/grants/{id}",
    operation_id = "get_grant",
    tag = "grants",
    params(("id" = String, Path, description = "The grant.")),
    responses((status = 200, description = "The grant.", body = Grant), Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<GrantId>,
) -> Result<Tagged<Grant>, ApiError> {
    let grant = get(&state, current.account_id(), id).await?;
    Ok(Tagged::new(grant.revision, GrantWriter::new(&state, &current.account).grant(grant).await?))
}
