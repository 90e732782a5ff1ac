//! `GET /accounts`

use axum::Json;
use axum::extract::State;

use crate::dto::account::Membership;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::Person;
use crate::ops::account::account;
use crate::problems::{Always, Personal};
use crate::state::ApiState;

/// The accounts that the caller is a member of, the oldest membership first; all on one page.
#[utoipa::path(
    get,
    path = "/accounts",
    operation_id = "list_accounts",
    tag = "account",
    security(("session" = [])),
    responses((status = 200, description = "All accounts.", body = Page<Membership>), Personal, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, person: Person) -> Result<Json<Page<Membership>>, ApiError> {
    let mut items = Vec::new();
    for member in state.store.list_memberships(person.user.id).await? {
        // Gone since the memberships were read.
        let Some(found) = state.store.get_account(member.account_id).await? else { continue };
        let is_current = found.id == person.session.account_id;
        items.push(Membership { account: account(&state, &found), role: member.role, is_current });
    }
    Ok(Json(Page { items, next_cursor: None }))
}
