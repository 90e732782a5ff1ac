//! `GET /policies/{id}/versions/{number}`

use axum::Json;
use axum::extract::State;
use ostiary_model::PolicyId;

use crate::dto::policy::PolicyVersionWithDocument;
use crate::error::ApiError;
use crate::extract::{May, Path, View};
use crate::ops::document;
use crate::ops::policy::get_version;
use crate::problems::{Always, Guarded, Missing};
use crate::state::ApiState;

/// One version of a policy. Versions never change.
#[utoipa::path(
    get,
    path = "/policies/{id}/versions/{number}",
    operation_id = "get_policy_version",
    tag = "policies",
    params(
        ("id" = String, Path, description = "The policy."),
        ("number" = i64, Path, description = "The version.")
    ),
    responses(
        (status = 200, description = "The version.", body = PolicyVersionWithDocument),
        Guarded, Missing, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path((id, number)): Path<(PolicyId, i64)>,
) -> Result<Json<PolicyVersionWithDocument>, ApiError> {
    let version = get_version(&state, current.account_id(), id, number).await?;
    Ok(Json(PolicyVersionWithDocument {
        number: version.number,
        created_at: version.created_at,
        created_by: version.created_by,
        rolled_back_to: version.rolled_back_to,
        document: document::value(&version.document),
        text: version.document,
    }))
}
