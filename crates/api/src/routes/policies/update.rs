//! `PUT /policies/{id}`

use axum::extract::State;
use ostiary_model::{AuditAction, Policy as StoredPolicy, PolicyId, PolicyVersion};

use crate::dto::policy::{Policy, UpdatePolicyRequest};
use crate::error::{ApiError, OnConflict};
use crate::extract::{IfMatch, Json, ManagePolicies, May, Path};
use crate::ops::audit;
use crate::ops::document;
use crate::ops::policy::{self, get};
use crate::problems::{Always, GuardedChange, Missing, NameTaken, PolicyBody, StaleOrMissing};
use crate::routes::{RequiredIfMatchParam, Tagged};
use crate::state::ApiState;

/// Saves a new version of a policy. It is in force for every call that starts after this answer.
#[utoipa::path(
    put,
    path = "/policies/{id}",
    operation_id = "update_policy",
    tag = "policies",
    params(("id" = String, Path, description = "The policy."), RequiredIfMatchParam),
    request_body = UpdatePolicyRequest,
    responses(
        (status = 200, description = "The policy at its new version.", body = Policy),
        PolicyBody, GuardedChange, Missing, StaleOrMissing, NameTaken, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManagePolicies>,
    Path(id): Path<PolicyId>,
    if_match: IfMatch,
    Json(request): Json<UpdatePolicyRequest>,
) -> Result<Tagged<Policy>, ApiError> {
    let account_id = current.account_id();
    let policy = get(&state, account_id, id).await?;
    if_match.require(policy.version.number)?;
    document::parse(&request.document)?;
    let version = PolicyVersion {
        number: policy.version.number + 1,
        document: request.document.0,
        rolled_back_to: None,
        created_by: current.actor.id(),
        created_at: state.clock.now(),
    };
    let mut transaction = state.begin().await?;
    transaction.create_policy_version(account_id, id, &version).await?;
    let mut updated = StoredPolicy { version, ..policy.clone() };
    if let Some(name) = request.name.filter(|name| *name != policy.name) {
        let renamed = transaction.rename_policy(account_id, id, &name).await;
        renamed.on_conflict("policies_server_id_name_key", ApiError::PolicyNameTaken)?;
        updated.name = name;
    }
    let event = current.event(&state, AuditAction::PolicyUpdated, id);
    let event = event.before(&audit::policy(&policy)).after(&audit::policy(&updated));
    state.commit(transaction, account_id, event).await?;
    let policy = get(&state, account_id, id).await?;
    let body = policy::policy(&state, policy).await?;
    Ok(Tagged::new(body.version, body))
}
