//! `GET /policies/{id}/versions/{number}/diff`

use axum::Json;
use axum::extract::State;
use ostiary_model::PolicyId;
use utoipa::IntoParams;

use crate::dto::policy::PolicyDiff;
use crate::error::ApiError;
use crate::extract::{FromQuery, May, Path, Query, QueryInput, View};
use crate::ops::policy::get_version;
use crate::ops::{diff, document};
use crate::problems::{Always, Guarded, Missing, Parameters};
use crate::state::ApiState;

/// What to compare against.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Against {
    /// The version to compare against; the one before, when it is left out.
    against: Option<i64>,
}

impl FromQuery for Against {
    fn from_query(input: &mut QueryInput) -> Self {
        Self { against: input.optional("against", "must be the number of a version") }
    }
}

/// What differs between two versions. The first version has none before it, and is compared with itself.
#[utoipa::path(
    get,
    path = "/policies/{id}/versions/{number}/diff",
    operation_id = "diff_policy_versions",
    tag = "policies",
    params(
        ("id" = String, Path, description = "The policy."),
        ("number" = i64, Path, description = "The version that is looked at."),
        Against
    ),
    responses(
        (status = 200, description = "The differences.", body = PolicyDiff),
        Parameters, Guarded, Missing, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path((id, number)): Path<(PolicyId, i64)>,
    Query(Against { against }): Query<Against>,
) -> Result<Json<PolicyDiff>, ApiError> {
    let to = get_version(&state, current.account_id(), id, number).await?;
    let before = against.unwrap_or_else(|| (number - 1).max(1));
    let from = get_version(&state, current.account_id(), id, before).await?;
    let changes = diff::diff(&document::value(&from.document), &document::value(&to.document));
    Ok(Json(PolicyDiff { from: from.number, to: to.number, changes }))
}
