//! `POST /policies/{id}/rollback`

use axum::extract::State;
use ostiary_model::{AuditAction, Policy as StoredPolicy, PolicyId, PolicyVersion};

use crate::dto::policy::{DocumentText, Policy, RollbackPolicyRequest};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, ManagePolicies, May, Path};
use crate::ops::audit;
use crate::ops::document;
use crate::ops::policy::{self, get};
use crate::problems::{Always, GuardedChange, Missing, PolicyBody, StaleOrMissing};
use crate::routes::{RequiredIfMatchParam, Tagged};
use crate::state::ApiState;

/// Saves the document of an earlier version again, as a new version.
#[utoipa::path(
    post,
    path = "/policies/{id}/rollback",
    operation_id = "rollback_policy",
    tag = "policies",
    params(("id" = String, Path, description = "The policy."), RequiredIfMatchParam),
    request_body = RollbackPolicyRequest,
    responses(
        (status = 200, description = "The policy at its new version.", body = Policy),
        PolicyBody, GuardedChange, Missing, StaleOrMissing, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManagePolicies>,
    Path(id): Path<PolicyId>,
    if_match: IfMatch,
    Json(request): Json<RollbackPolicyRequest>,
) -> Result<Tagged<Policy>, ApiError> {
    let account_id = current.account_id();
    let policy = get(&state, account_id, id).await?;
    if_match.require(policy.version.number)?;
    let earlier = state.store.get_policy_version(account_id, id, request.version).await?;
    let earlier = earlier.ok_or_else(|| ApiError::invalid("/version", "not_found", "there is no such version"))?;
    // It was valid when it was saved; what the language has learnt since may see it otherwise.
    document::parse(&DocumentText(earlier.document.clone()))?;
    let version = PolicyVersion {
        number: policy.version.number + 1,
        document: earlier.document,
        rolled_back_to: Some(earlier.number),
        created_by: current.actor.id(),
        created_at: state.clock.now(),
    };
    let mut transaction = state.begin().await?;
    transaction.create_policy_version(account_id, id, &version).await?;
    let event = current.event(&state, AuditAction::PolicyRolledBack, id).before(&audit::policy(&policy));
    let rolled_back = StoredPolicy { version, ..policy };
    state.commit(transaction, account_id, event.after(&audit::policy(&rolled_back))).await?;
    let policy = get(&state, account_id, id).await?;
    let body = policy::policy(&state, policy).await?;
    Ok(Tagged::new(body.version, body))
}
