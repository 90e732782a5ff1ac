//! `PUT /grants/{id}/bindings/{server_id}`

use axum::extract::State;
use ostiary_model::{AuditAction, Binding, GrantId, Mode, ServerId};

use crate::dto::grant::{Grant, PutBindingRequest};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, ManageAccess, ManagePolicies, May, Path};
use crate::ops::audit;
use crate::ops::grant::{GrantWriter, check_binding, get, get_live, hold};
use crate::problems::{Always, Body, GuardedChange, Missing, Stale};
use crate::routes::{IfMatchParam, Tagged};
use crate::state::ApiState;

/// Binds a grant to a server, or changes policy and mode of a binding. A policy manager may
/// change bindings; reaching one more server is access, which takes an admin.
#[utoipa::path(
    put,
    path = "/grants/{id}/bindings/{server_id}",
    operation_id = "put_binding",
    tag = "grants",
    params(
        ("id" = String, Path, description = "The grant."),
        ("server_id" = String, Path, description = "The server."),
        IfMatchParam
    ),
    request_body = PutBindingRequest,
    responses((status = 200, description = "The grant.", body = Grant), Body, GuardedChange, Missing, Stale, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManagePolicies>,
    Path((id, server_id)): Path<(GrantId, ServerId)>,
    if_match: IfMatch,
    Json(request): Json<PutBindingRequest>,
) -> Result<Tagged<Grant>, ApiError> {
    let account_id = current.account_id();
    let grant = get_live(&state, account_id, id).await?;
    let is_new = grant.bindings.iter().all(|binding| binding.server_id != server_id);
    if is_new && !current.role.allows(<ManageAccess as crate::extract::current::Permit>::PERMISSION) {
        return Err(ApiError::Forbidden);
    }
    state.store.get_server(account_id, server_id).await?.ok_or(ApiError::NotFound)?;
    let mode = request.mode.unwrap_or(Mode::Enforce);
    let binding = Binding { server_id, policy_id: request.policy_id, mode };
    let mut errors = Vec::new();
    check_binding(&state, account_id, &binding, "", &mut errors).await?;
    if !errors.is_empty() {
        return Err(ApiError::InvalidInput(errors));
    }
    let mut transaction = state.begin().await?;
    hold(&mut *transaction, &if_match, &grant).await?;
    transaction.put_binding(account_id, id, &binding).await?;
    let event = current.event(&state, AuditAction::BindingPut, id).after(&audit::binding(&binding));
    let event = match grant.bindings.iter().find(|binding| binding.server_id == server_id) {
        Some(before) => event.before(&audit::binding(before)),
        None => event,
    };
    state.commit(transaction, account_id, event).await?;
    let grant = get(&state, account_id, id).await?;
    Ok(Tagged::new(grant.revision, GrantWriter::new(&state, &current.account).grant(grant).await?))
}
