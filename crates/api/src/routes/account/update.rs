//! `PATCH /account`

use axum::extract::State;

use ostiary_model::AuditAction;

use crate::dto::account::{Account, UpdateAccountRequest};
use crate::error::ApiError;
use crate::extract::{Json, ManageMembers, May};
use crate::ops::account::account;
use crate::ops::audit;
use crate::problems::{Always, Body, GuardedChange};
use crate::state::ApiState;

/// Changes the account's name.
#[utoipa::path(
    patch,
    path = "/account",
    operation_id = "update_account",
    tag = "account",
    request_body = UpdateAccountRequest,
    responses((status = 200, description = "The account.", body = Account), Body, GuardedChange, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Json(request): Json<UpdateAccountRequest>,
) -> Result<axum::Json<Account>, ApiError> {
    let mut changed = current.account.clone();
    if let Some(name) = request.name {
        changed.name = name;
        changed.updated_at = state.clock.now();
        let mut transaction = state.store.begin().await?;
        transaction.update_account(&changed).await?;
        let event = current.event(&state, AuditAction::AccountUpdated, changed.id);
        let event = event.before(&audit::account(&current.account)).after(&audit::account(&changed));
        state.commit(transaction, changed.id, event).await?;
    }
    Ok(axum::Json(account(&state, &changed)))
}
