//! The second factor: codes of an app, and codes to fall back on.

use ostiary_auth::recovery::COUNT;
use ostiary_auth::{RecoveryCode, TotpSecret};
use ostiary_model::{AuditAction, SignInMethod, User};
use ostiary_storage::{StoredPasskey, StoredTotp, Transaction, Unrecorded};

use crate::dto::second_factor::{RecoveryCodes, SecondFactorAdded, SecondFactorNeeded};
use crate::error::ApiError;
use crate::ops::attempts::{Counted, Subject};
use crate::ops::person;
use crate::state::ApiState;

/// What somebody can be asked for besides the password.
#[derive(Debug)]
pub struct Factors {
    /// The app that makes codes, once it was confirmed.
    pub totp: Option<StoredTotp>,
    /// The passkeys.
    pub passkeys: Vec<StoredPasskey>,
}

impl Factors {
    /// Those of a user.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn of(state: &ApiState, user: &User) -> Result<Self, ApiError> {
        let totp = state.store.get_totp(user.id).await?.filter(|totp| totp.confirmed_at.is_some());
        Ok(Self { totp, passkeys: state.store.list_passkeys(user.id).await? })
    }

    /// Whether there is any.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }
}

/// What somebody whose first proof was right is still asked for, if anything.
///
/// # Errors
///
/// Those of the database.
pub async fn needed(
    state: &ApiState,
    user: &User,
    method: SignInMethod,
) -> Result<Option<SecondFactorNeeded>, ApiError> {
    let factors = Factors::of(state, user).await?;
    Ok(factors.is_any().then(|| SecondFactorNeeded {
        token: state.halfway.issue(user.id, method, state.clock.now()),
        has_app: factors.totp.is_some(),
        has_passkeys: !factors.passkeys.is_empty(),
    }))
}

/// The time step of a code of the app.
///
/// # Errors
///
/// A failure at `/code`; a secret that cannot be opened, because the secret key is another one.
pub fn step(state: &ApiState, user: &User, totp: &StoredTotp, code: &str) -> Result<i64, ApiError> {
    let secret = TotpSecret::open(&state.totp_sealer, &totp.sealed, user.id);
    let secret = secret.map_err(|error| ApiError::Internal(error.into()))?;
    secret.check(code.trim(), state.clock.now().timestamp()).ok_or_else(wrong_code)
}

/// Takes a code of the app or a recovery code, once. Wrong ones count against the user, from wherever they come: who
/// gets here knows the password.
///
/// # Errors
///
/// A failure at `/code`; [`ApiError::RateLimited`] after too many.
pub async fn take(state: &ApiState, user: &User, factors: &Factors, code: &str) -> Result<(), ApiError> {
    let counted = Counted::begin(state, [Subject::SecondFactor(user.id)]).await?;
    if let Some(code) = RecoveryCode::parse(code) {
        let events = person::events(state, user, AuditAction::RecoveryCodeUsed).await?;
        let mut transaction = state.begin().await?;
        if !transaction.take_recovery_code(user.id, &code.hash()).await? {
            return Err(wrong_code());
        }
        transaction.commit(events.into()).await?;
    } else {
        let step = step(state, user, factors.totp.as_ref().ok_or_else(wrong_code)?, code)?;
        let mut transaction = state.begin().await?;
        if !transaction.take_totp_step(user.id, step).await? {
            return Err(wrong_code());
        }
        // That somebody signed in is recorded when they have.
        transaction.commit(Unrecorded::LastUse.into()).await?;
    }
    counted.was_right(state).await
}

/// What the first second factor of a user comes with: recovery codes. None when they have some.
///
/// # Errors
///
/// Those of the database.
pub async fn first_codes(
    transaction: &mut dyn Transaction,
    user: &User,
    before: &Factors,
) -> Result<SecondFactorAdded, ApiError> {
    if before.is_any() {
        return Ok(SecondFactorAdded { recovery_codes: None });
    }
    let codes = renew_codes(transaction, user).await?;
    Ok(SecondFactorAdded { recovery_codes: Some(codes.recovery_codes) })
}

/// Gives a user new recovery codes in place of those that are left.
///
/// # Errors
///
/// Those of the database.
pub async fn renew_codes(transaction: &mut dyn Transaction, user: &User) -> Result<RecoveryCodes, ApiError> {
    let codes: Vec<RecoveryCode> = (0..COUNT).map(|_| RecoveryCode::generate()).collect();
    let hashes: Vec<[u8; 32]> = codes.iter().map(RecoveryCode::hash).collect();
    transaction.replace_recovery_codes(user.id, &hashes).await?;
    Ok(RecoveryCodes { recovery_codes: codes.iter().map(|code| code.reveal().to_string()).collect() })
}

/// The code is none of the app's, or was taken already.
#[must_use]
pub fn wrong_code() -> ApiError {
    ApiError::invalid("/code", "wrong_code", "is not right, or was used already")
}
