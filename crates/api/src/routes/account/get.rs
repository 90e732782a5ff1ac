//! `GET /account`

use axum::extract::State;

use crate::dto::account::Account;
use crate::error::ApiError;
use crate::extract::{May, View};
use crate::ops::account::{account, tag};
use crate::problems::{Always, Guarded};
use crate::routes::Tagged;
use crate::state::ApiState;

/// The account.
#[utoipa::path(
    get,
    path = "/account",
    operation_id = "get_account",
    tag = "account",
    responses((status = 200, description = "The account.", body = Account), Guarded, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, current: May<View>) -> Result<Tagged<Account>, ApiError> {
    let shown = account(&state, &current.account);
    Ok(Tagged::new(tag(&shown)?, shown))
}
