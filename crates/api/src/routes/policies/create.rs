//! `POST /policies`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ostiary_model::{AuditAction, Policy as StoredPolicy, PolicyId, PolicyVersion};

use crate::dto::policy::{CreatePolicyRequest, Policy};
use crate::error::{ApiError, OnConflict};
use crate::extract::{Json, ManagePolicies, May};
use crate::ops::audit;
use crate::ops::document;
use crate::ops::policy;
use crate::problems::{Always, GuardedChange, NameTaken, PolicyBody};
use crate::routes::Tagged;
use crate::state::ApiState;

/// Makes a policy. It decides nothing until a grant is bound to it.
#[utoipa::path(
    post,
    path = "/policies",
    operation_id = "create_policy",
    tag = "policies",
    request_body = CreatePolicyRequest,
    responses(
        (status = 201, description = "The policy.", body = Policy),
        PolicyBody, GuardedChange, NameTaken, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManagePolicies>,
    Json(request): Json<CreatePolicyRequest>,
) -> Result<Response, ApiError> {
    let account_id = current.account_id();
    document::parse(&request.document)?;
    if state.store.get_server(account_id, request.server_id).await?.is_none() {
        return Err(ApiError::invalid("/server_id", "not_found", "there is no such server"));
    }
    let now = state.clock.now();
    let policy = StoredPolicy {
        id: PolicyId::generate(),
        account_id,
        server_id: request.server_id,
        name: request.name,
        version: PolicyVersion {
            number: 1,
            document: request.document.0,
            rolled_back_to: None,
            created_by: current.actor.id(),
            created_at: now,
        },
        created_at: now,
    };
    let mut transaction = state.begin().await?;
    let stored = transaction.create_policy(&policy).await;
    stored.on_conflict("policies_server_id_name_key", ApiError::PolicyNameTaken)?;
    let event = current.event(&state, AuditAction::PolicyCreated, policy.id).after(&audit::policy(&policy));
    state.commit(transaction, account_id, event).await?;
    let body: Policy = policy::policy(&state, policy).await?;
    Ok((StatusCode::CREATED, Tagged::new(body.version, body)).into_response())
}
