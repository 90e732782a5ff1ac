//! `POST /account/restore`

use axum::Json;
use axum::extract::State;
use ostiary_model::AuditAction;

use crate::dto::account::Account;
use crate::error::ApiError;
use crate::extract::{ManageAccount, May};
use crate::ops::account::account;
use crate::ops::audit;
use crate::problems::{Always, GuardedChange, Missing};
use crate::state::ApiState;

/// Restores an account that was going to be deleted: its agents are let in again.
#[utoipa::path(
    post,
    path = "/account/restore",
    operation_id = "restore_account",
    tag = "account",
    responses((status = 200, description = "The account.", body = Account), GuardedChange, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccount>,
) -> Result<Json<Account>, ApiError> {
    let mut changed = current.account.clone();
    if let Some(delete_at) = changed.delete_at {
        let now = state.clock.now();
        // Its time has come; what is left of it is being removed.
        if delete_at <= now {
            return Err(ApiError::NotFound);
        }
        changed.delete_at = None;
        changed.updated_at = now;
        let mut transaction = state.begin().await?;
        transaction.set_account_deletion(changed.id, None, now).await?;
        let event = current.event(&state, AuditAction::AccountRestored, changed.id);
        let event = event.before(&audit::account(&current.account)).after(&audit::account(&changed));
        state.commit(transaction, changed.id, event).await?;
    }
    Ok(Json(account(&state, &changed)))
}
