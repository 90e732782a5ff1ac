//! `DELETE /account`

use axum::Json;
use axum::extract::State;
use ostiary_model::AuditAction;

use crate::dto::account::Account;
use crate::error::ApiError;
use crate::extract::{ManageAccount, May};
use crate::ops::account::account;
use crate::ops::audit;
use crate::problems::{Always, GuardedChange};
use crate::state::ApiState;

/// Asks for the deletion of the account. Its agents are turned away at once, and nothing in it can be changed. It can
/// be restored until `delete_at`; then everything in it is removed for good, decisions and audit events included.
#[utoipa::path(
    delete,
    path = "/account",
    operation_id = "delete_account",
    tag = "account",
    responses((status = 200, description = "The account, with its time to go.", body = Account), GuardedChange, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccount>,
) -> Result<Json<Account>, ApiError> {
    let mut changed = current.account.clone();
    if changed.delete_at.is_none() {
        let now = state.clock.now();
        changed.delete_at = Some(now + state.settings.deletion_grace);
        changed.updated_at = now;
        let mut transaction = state.store.begin().await?;
        transaction.set_account_deletion(changed.id, changed.delete_at, now).await?;
        let event = current.event(&state, AuditAction::AccountDeletionRequested, changed.id);
        let event = event.before(&audit::account(&current.account)).after(&audit::account(&changed));
        state.commit(transaction, changed.id, event).await?;
    }
    Ok(Json(account(&state, &changed)))
}
