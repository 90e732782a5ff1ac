//! `GET /policies/{id}/versions`

use axum::Json;
use axum::extract::State;
use ostiary_model::PolicyId;
use ostiary_storage::PageRequest;

use crate::dto::page::Page;
use crate::dto::policy::PolicyVersion;
use crate::error::ApiError;
use crate::extract::{May, Path, Query, View};
use crate::ops::cursor::page;
use crate::ops::policy::get;
use crate::problems::{Always, Guarded, Missing, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// The versions of a policy, the newest first.
#[utoipa::path(
    get,
    path = "/policies/{id}/versions",
    operation_id = "list_policy_versions",
    tag = "policies",
    params(("id" = String, Path, description = "The policy."), PageParams),
    responses(
        (status = 200, description = "A page of versions.", body = Page<PolicyVersion>),
        Parameters, Guarded, Missing, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<PolicyId>,
    Query(request): Query<PageRequest<i64>>,
) -> Result<Json<Page<PolicyVersion>>, ApiError> {
    get(&state, current.account_id(), id).await?;
    let found = state.store.list_policy_versions(current.account_id(), id, request).await?;
    Ok(Json(page(found, |version| version.number, PolicyVersion::from)))
}
