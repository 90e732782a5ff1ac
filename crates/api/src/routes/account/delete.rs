//! `DELETE /account`

use axum::extract::State;
use ostiary_model::AuditAction;

use crate::dto::account::Account;
use crate::error::ApiError;
use crate::extract::{IfMatch, ManageAccount, May};
use crate::ops::account::{account, hold, tag};
use crate::ops::audit;
use crate::problems::{Always, GuardedChange, Stale};
use crate::routes::{IfMatchParam, Tagged};
use crate::state::ApiState;

/// Asks for the deletion of the account. Its agents are turned away at once, and nothing in it can be changed. It can
/// be restored until `delete_at`; then everything in it is removed for good, decisions and audit events included.
#[utoipa::path(
    delete,
    path = "/account",
    operation_id = "delete_account",
    tag = "account",
    params(IfMatchParam),
    responses(
        (status = 200, description = "The account, with its time to go.", body = Account),
        GuardedChange, Stale, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccount>,
    if_match: IfMatch,
) -> Result<Tagged<Account>, ApiError> {
    let mut transaction = state.begin().await?;
    let before = hold(&state, &mut *transaction, current.account_id(), &if_match).await?;
    let mut changed = before.clone();
    if changed.delete_at.is_none() {
        let now = state.clock.now();
        changed.delete_at = Some(now + state.settings.deletion_grace);
        changed.updated_at = now;
        transaction.set_account_deletion(changed.id, changed.delete_at, now).await?;
        let event = current.event(&state, AuditAction::AccountDeletionRequested, changed.id);
        let event = event.before(&audit::account(&before)).after(&audit::account(&changed));
        state.commit(transaction, changed.id, event).await?;
    }
    let shown = account(&state, &changed);
    Ok(Tagged::new(tag(&shown)?, shown))
}
