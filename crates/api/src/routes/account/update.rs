//! `PATCH /account`

use axum::extract::State;

use ostiary_model::AuditAction;

use crate::dto::account::{Account, UpdateAccountRequest};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, ManageMembers, May};
use crate::ops::account::{account, hold, tag};
use crate::ops::audit;
use crate::problems::{Always, Body, GuardedChange, Stale};
use crate::routes::{IfMatchParam, Tagged};
use crate::state::ApiState;

/// Changes the account's name.
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
    let mut transaction = state.begin().await?;
    let before = hold(&state, &mut *transaction, current.account_id(), &if_match).await?;
    let mut changed = before.clone();
    if let Some(name) = request.name {
        changed.name = name;
        changed.updated_at = state.clock.now();
        transaction.update_account(&changed).await?;
        let event = current.event(&state, AuditAction::AccountUpdated, changed.id);
        let event = event.before(&audit::account(&before)).after(&audit::account(&changed));
        state.commit(transaction, changed.id, event).await?;
    }
    let shown = account(&state, &changed);
    Ok(Tagged::new(tag(&shown)?, shown))
}
