//! `PATCH /account`

use axum::extract::State;
use ostiary_model::{Account as StoredAccount, AuditAction, PlanName, Role};
use serde_json::json;

use crate::dto::account::{Account, UpdateAccountRequest};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, ManageMembers, May};
use crate::ops::account::{account, hold, tag};
use crate::ops::audit;
use crate::ops::member::Roles;
use crate::problems::{Always, Body, GuardedChange, Stale};
use crate::routes::{IfMatchParam, Tagged};
use crate::state::ApiState;

/// Changes the account's name, or, for an owner, its plan. A smaller plan takes nothing away: no more is added until
/// there is room again.
#[utoipa::path(
    patch,
    path = "/account",
    operation_id = "update_account",
    tag = "account",
    params(IfMatchParam),
    request_body = UpdateAccountRequest,
    responses((status = 200, description = "The account.", body = Account), Body, GuardedChange, Stale, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    if_match: IfMatch,
    Json(request): Json<UpdateAccountRequest>,
) -> Result<Tagged<Account>, ApiError> {
    if let Some(plan) = &request.plan {
        check_plan(&state, &current, plan)?;
    }
    let (account_id, now) = (current.account_id(), state.clock.now());
    let mut events = Vec::new();
    let mut transaction = state.begin().await?;
    let before = hold(&state, &mut *transaction, account_id, &if_match).await?;
    let mut changed = before.clone();
    if let Some(name) = request.name {
        changed = StoredAccount { name, updated_at: now, ..changed };
        transaction.update_account(&changed).await?;
        let event = current.event(&state, AuditAction::AccountUpdated, account_id);
        events.push(event.before(&audit::account(&before)).after(&audit::account(&changed)));
    }
    if let Some(plan) = request.plan.filter(|plan| *plan != before.plan) {
        // The caller may have been made something else since.
        if Roles::lock(&mut *transaction, account_id).await?.of_caller(&current)? != Role::Owner {
            return Err(ApiError::Forbidden);
        }
        transaction.set_account_plan(account_id, &plan, now).await?;
        let event = current.event(&state, AuditAction::AccountPlanChanged, account_id);
        events.push(event.before(&json!({ "plan": before.plan })).after(&json!({ "plan": plan })));
        changed = StoredAccount { plan, updated_at: now, ..changed };
    }
    if !events.is_empty() {
        state.commit(transaction, account_id, events).await?;
    }
    let shown = account(&state, &changed);
    Ok(Tagged::new(tag(&shown)?, shown))
}

/// Whether the caller may have the account put on a plan.
fn check_plan(state: &ApiState, current: &May<ManageMembers>, plan: &PlanName) -> Result<(), ApiError> {
    if current.role != Role::Owner {
        return Err(ApiError::Forbidden);
    }
    let plans = &state.settings.plans;
    if *plan == current.account.plan || plans.get(plan).is_some_and(|plan| plan.is_self_service) {
        return Ok(());
    }
    let offers: Vec<String> =
        plans.iter().filter(|plan| plan.is_self_service).map(|plan| format!("`{}`", plan.name)).collect();
    let detail = match offers.as_slice() {
        [] => "cannot be changed here; ask the people who run this installation".to_owned(),
        _ => format!("must be one of {}; for another, ask the people who run this installation", offers.join(", ")),
    };
    Err(ApiError::invalid("/plan", "not_offered", detail))
}
