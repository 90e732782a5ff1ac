//! Passwords: argon2id (RFC 9106) in the blocking pool, a bounded number at a time.
//!
//! Signing in takes the same work whether the address is known or not, so that the time of an
//! answer does not tell who has an account. A hash made with older settings is replaced when its
//! password is next proven.

mod common;
mod rule;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

pub use rule::{MAX_BYTES, MIN_CHARS, PasswordError, check_password};

/// How hashes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordSettings {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// How many hashes are made at a time; bounds memory and processor use.
    pub concurrent: usize,
    /// How long a request waits for its turn.
    pub patience: Duration,
}

impl Default for PasswordSettings {
    /// 19 MiB and 2 passes (OWASP's minimum for argon2id), 4 at a time, 10 s of patience.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, concurrent: 4, patience: Duration::from_secs(10) }
    }
}

/// Why no verdict was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordsError {
    /// Too many hashes are being made; trying again later may help.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash is not one, or the hash function failed.
    #[error("the password cannot be hashed or checked")]
    Broken,
}

/// What came out of checking a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is not the password, or there is no such user.
    Wrong,
    /// It is.
    Right {
        /// The hash to store instead, when the stored one was made with other settings.
        upgraded: Option<String>,
    },
}

// SECURITY: the hash is not printed.
impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wrong => "Wrong",
            Self::Right { .. } => "Right",
        })
    }
}

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    params: Params,
    patience: Duration,
    turns: Arc<Semaphore>,
}

impl Passwords {
    /// With these settings; those that argon2 refuses are replaced by its own defaults.
    #[must_use]
    pub fn new(settings: PasswordSettings) -> Self {
        Self {
            params: Params::new(settings.memory_kib, settings.passes, 1, None).unwrap_or(Params::DEFAULT),
            patience: settings.patience,
            turns: Arc::new(Semaphore::new(settings.concurrent.max(1))),
        }
    }

    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    ///
    /// When it is too busy, or the hash function fails.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, PasswordsError> {
        let params = self.params.clone();
        self.take_turn(move || make(&params, &password)).await
    }

    /// Checks a password against the stored hash; `None` stands for an unknown user, takes the
    /// same work, and is always wrong.
    ///
    /// # Errors
    ///
    /// When it is too busy, or the stored hash cannot be read.
    pub async fn verify(&self, password: Zeroizing<String>, stored: Option<String>) -> Result<Verdict, PasswordsError> {
        let params = self.params.clone();
        self.take_turn(move || judge(&params, &password, stored.as_deref())).await
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordsError> + Send + 'static,
    ) -> Result<T, PasswordsError> {
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| PasswordsError::Busy)?.map_err(|_| PasswordsError::Broken)?;
        let task = tokio::task::spawn_blocking(move || {
            // Held by the work and not by the request: a caller who leaves frees no memory.
            let _turn = turn;
            work()
        });
        task.await.map_err(|_| PasswordsError::Broken)?
    }
}

fn argon2(params: &Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
}

fn make(params: &Params, password: &str) -> Result<String, PasswordsError> {
    let hash: PasswordHash = argon2(params).hash_password(password.as_bytes()).map_err(|_| PasswordsError::Broken)?;
    Ok(hash.to_string())
}

fn judge(params: &Params, password: &str, stored: Option<&str>) -> Result<Verdict, PasswordsError> {
    // An overlong password is no password of ours; the work stays bounded.
    let is_overlong = password.len() > MAX_BYTES;
    let password = if is_overlong { "" } else { password };
    let Some(stored) = stored else {
        make(params, password)?;
        return Ok(Verdict::Wrong);
    };
    let hash = PasswordHash::new(stored).map_err(|_| PasswordsError::Broken)?;
    if argon2(params).verify_password(password.as_bytes(), &hash).is_err() || is_overlong {
        return Ok(Verdict::Wrong);
    }
    let is_current = hash.algorithm.as_str() == "argon2id"
        && Params::try_from(&hash.params).is_ok_and(|stored| {
            (stored.m_cost(), stored.t_cost(), stored.p_cost()) == (params.m_cost(), params.t_cost(), params.p_cost())
        });
    let upgraded = if is_current { None } else { Some(make(params, password)?) };
    Ok(Verdict::Right { upgraded })
}

/// A password that nobody knows, for somebody who signs in otherwise.
#[must_use]
pub fn unknown_password() -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    rand::fill(&mut bytes[..]);
    Zeroizing::new(data_encoding::HEXLOWER.encode(&bytes[..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap(passes: u32) -> Passwords {
        Passwords::new(PasswordSettings { memory_kib: 64, passes, concurrent: 2, patience: Duration::from_secs(5) })
    }

    fn password(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn password_hashed_is_right_and_another_is_wrong() {
        let passwords = cheap(1);
        let hash = passwords.hash(password("correct horse")).await.expect("hashes");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        let right = passwords.verify(password("correct horse"), Some(hash.clone())).await;
        assert_eq!(right, Ok(Verdict::Right { upgraded: None }));
        assert_eq!(passwords.verify(password("battery staple"), Some(hash)).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn password_of_an_unknown_user_is_wrong() {
        assert_eq!(cheap(1).verify(password("anything"), None).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn password_with_older_settings_is_upgraded() {
        let old = cheap(1).hash(password("correct horse")).await.expect("hashes");
        let verdict = cheap(2).verify(password("correct horse"), Some(old)).await;
        let Ok(Verdict::Right { upgraded: Some(new) }) = verdict else { panic!("{verdict:?}") };
        assert!(new.starts_with("$argon2id$v=19$m=64,t=2,p=1$"));
    }

    #[tokio::test]
    async fn password_against_a_broken_hash_is_an_error() {
        let verdict = cheap(1).verify(password("x"), Some("plain".to_owned())).await;
        assert_eq!(verdict, Err(PasswordsError::Broken));
    }

    #[tokio::test]
    async fn password_without_a_turn_in_time_is_busy() {
        let passwords = Passwords { patience: Duration::from_millis(1), ..cheap(1) };
        let _all = passwords.turns.acquire_many(2).await.expect("open");
        assert_eq!(passwords.hash(password("x")).await, Err(PasswordsError::Busy));
    }
}
