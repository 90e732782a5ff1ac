//! Ceremonies with passkeys: what a browser is asked, and what it answers.

use chrono::TimeDelta;
use ostiary_auth::passkey::Begun;
use ostiary_auth::{PasskeyCredential, PasskeyError, Passkeys};
use ostiary_model::{PasskeyId, User, UserId};
use ostiary_storage::{Ceremony, StorageError, StoredPasskey, Unrecorded};

use crate::dto::second_factor::PasskeyCeremony;
use crate::error::ApiError;
use crate::state::ApiState;

/// How long a browser has to answer.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// What registers and checks passkeys.
///
/// # Errors
///
/// [`ApiError::NoPasskeys`] where browsers have none.
pub fn passkeys(state: &ApiState) -> Result<&Passkeys, ApiError> {
    state.passkeys.as_ref().ok_or(ApiError::NoPasskeys)
}

/// Keeps what the answer is compared with; answers what the browser is asked.
///
/// # Errors
///
/// Those of the database; what was stored and cannot be read.
pub async fn ask(
    state: &ApiState,
    user_id: UserId,
    begun: Result<Begun, PasskeyError>,
) -> Result<PasskeyCeremony, ApiError> {
    let begun = begun.map_err(refused)?;
    let id = PasskeyId::generate();
    let ceremony = Ceremony { id, user_id, state: begun.state, expires_at: state.clock.now() + LIFETIME };
    let mut transaction = state.begin().await?;
    transaction.begin_ceremony(&ceremony).await?;
    // Nobody has proven or changed anything yet.
    transaction.commit(Unrecorded::NothingChanged.into()).await?;
    Ok(PasskeyCeremony { ceremony: id, options: begun.options })
}

/// What the answer is compared with. Taken away before it is looked at: a question is answered once, rightly or not.
///
/// # Errors
///
/// A failure at `/ceremony` for one that is over, or somebody else's.
pub async fn asked(state: &ApiState, user_id: UserId, id: PasskeyId) -> Result<String, ApiError> {
    let mut transaction = state.begin().await?;
    let asked = transaction.take_ceremony(user_id, id, state.clock.now()).await?;
    transaction.commit(Unrecorded::Housekeeping.into()).await?;
    asked.ok_or_else(|| ApiError::invalid("/ceremony", "ceremony_over", "is over; begin again"))
}

/// Checks that a browser has one of a user's passkeys, and notes its use.
///
/// # Errors
///
/// A failure at `/credential`; those of the database.
pub async fn prove(
    state: &ApiState,
    user: &User,
    stored: &[StoredPasskey],
    asked: &str,
    answer: &str,
) -> Result<(), ApiError> {
    let known = credentials(stored);
    let used = passkeys(state)?.finish_proof(asked, answer, &known).map_err(refused)?;
    let passkey = stored.iter().find(|passkey| passkey.credential_id == used.id).ok_or_else(not_valid)?;
    let mut transaction = state.begin().await?;
    match transaction.use_passkey(user.id, passkey.id, &used.content, state.clock.now()).await {
        Err(StorageError::NotFound) => return Err(not_valid()),
        other => other?,
    }
    // That somebody signed in is recorded when they have.
    Ok(transaction.commit(Unrecorded::LastUse.into()).await?)
}

/// Passkeys as they are checked.
#[must_use]
pub fn credentials(stored: &[StoredPasskey]) -> Vec<PasskeyCredential> {
    let credential = |stored: &StoredPasskey| PasskeyCredential {
        id: stored.credential_id.clone(),
        content: stored.credential.clone(),
    };
    stored.iter().map(credential).collect()
}

/// Why a ceremony failed, as the caller sees it.
#[must_use]
pub fn refused(error: PasskeyError) -> ApiError {
    match error {
        PasskeyError::Refused => not_valid(),
        PasskeyError::Stored(_) | PasskeyError::Begin => ApiError::Internal(error.into()),
    }
}

fn not_valid() -> ApiError {
    ApiError::invalid("/credential", "not_valid", "does not answer what was asked, or is of a device that is not known")
}
