//! People, whatever account they look at.

use ostiary_auth::Verdict;
use ostiary_model::{AuditAction, AuditActor, AuditEntry, User};
use ostiary_storage::StoredUser;
use zeroize::Zeroizing;

use crate::error::ApiError;
use crate::extract::Person;
use crate::ops::attempts::{Counted, Subject};
use crate::state::ApiState;

/// What a person did to how they sign in, as an event of each account of theirs: its owners want to know.
///
/// # Errors
///
/// Those of the database.
pub async fn events(state: &ApiState, user: &User, action: AuditAction) -> Result<Vec<AuditEntry>, ApiError> {
    let now = state.clock.now();
    let memberships = state.store.list_memberships(user.id).await?;
    let event = |account_id| AuditEntry::new(account_id, now, AuditActor::user(user), action, user.id);
    Ok(memberships.into_iter().map(|member| event(member.account_id)).collect())
}

/// Has the caller prove that they know their password; answers the user as they are stored.
///
/// # Errors
///
/// A failure at `pointer` for a wrong one; [`ApiError::RateLimited`] after too many.
pub async fn check_own_password(
    state: &ApiState,
    person: &Person,
    password: Zeroizing<String>,
    pointer: &str,
) -> Result<StoredUser, ApiError> {
    let counted = Counted::begin(state, [Subject::User(person.user.id)]).await?;
    let stored = state.store.get_user(person.user.id).await?.ok_or(ApiError::Unauthenticated)?;
    match state.passwords.verify(password, Some(stored.password_hash.clone())).await? {
        Verdict::Wrong => Err(ApiError::invalid(pointer, "wrong_password", "is not your password")),
        Verdict::Right { .. } => {
            counted.was_right(state).await?;
            Ok(stored)
        }
    }
}
