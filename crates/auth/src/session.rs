//! Signed-in browsers: the token in the session cookie, and the cookie.
//!
//! The token (JWT, HS256) names a row of the sessions table and is worth nothing without it:
//! signing out takes effect at once, and a forged id costs no lookup.

pub mod cookie;

use std::fmt;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ostiary_model::{Session, SessionId};
use serde::{Deserialize, Serialize};

use crate::keyring::SubKey;

const AUDIENCE: &str = "ostiary-session";

/// The keys that sign and check session tokens.
#[derive(Clone)]
pub struct SessionKeys {
    signing: EncodingKey,
    /// The first is the one that signs.
    checking: Vec<DecodingKey>,
}

impl SessionKeys {
    pub(crate) fn new(key: &SubKey, other: Option<&SubKey>) -> Self {
        let checking = std::iter::once(key).chain(other).map(|key| DecodingKey::from_secret(key.as_slice()));
        Self { signing: EncodingKey::from_secret(key.as_slice()), checking: checking.collect() }
    }
}

// SECURITY: the keys are not printed.
impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKeys").finish_non_exhaustive()
    }
}

/// What a session token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionClaims {
    /// The session.
    #[serde(rename = "sid")]
    pub session_id: SessionId,
    /// When it was signed, in seconds since the Unix epoch.
    pub iat: i64,
    /// When it ends, in seconds since the Unix epoch.
    pub exp: i64,
    aud: String,
}

/// A session token that is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionTokenError {
    /// It was not signed here, or is no such token.
    #[error("the session token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the session token has expired")]
    Expired,
}

/// Signs and checks session tokens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SessionTokens {
    keys: SessionKeys,
}

impl SessionTokens {
    /// With the keys of [`Keyring::session_keys`](crate::Keyring::session_keys).
    #[must_use]
    pub const fn new(keys: SessionKeys) -> Self {
        Self { keys }
    }

    /// The token of a session.
    ///
    /// # Errors
    ///
    /// [`SessionTokenError::Invalid`] when signing fails, which takes a defect.
    pub fn issue(&self, session: &Session) -> Result<String, SessionTokenError> {
        let claims = SessionClaims {
            session_id: session.id,
            iat: session.created_at.timestamp(),
            exp: session.expires_at.timestamp(),
            aud: AUDIENCE.to_owned(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.keys.signing)
            .map_err(|_| SessionTokenError::Invalid)
    }

    /// What a token says, when it was signed here and has not expired at `now`.
    ///
    /// # Errors
    ///
    /// When it was not, or has.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<SessionClaims, SessionTokenError> {
        let mut validation = Validation::new(Algorithm::HS256);
        // The crate would take the time from the machine; ours is a parameter, checked below.
        validation.validate_exp = false;
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "aud"]);
        let read = |key| jsonwebtoken::decode::<SessionClaims>(token, key, &validation).ok();
        let claims = self.keys.checking.iter().find_map(read).ok_or(SessionTokenError::Invalid)?.claims;
        if claims.exp <= now.timestamp() {
            return Err(SessionTokenError::Expired);
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use ostiary_model::{AccountId, SignInMethod, UserId};

    use super::*;
    use crate::{Keyring, SecretKey};

    #[test]
    fn token_of_the_other_key_is_good_while_there_is_one() {
        let (old, new) = (SecretKey::generate(), SecretKey::generate());
        let session = session();
        let of = |keyring: Keyring| SessionTokens::new(keyring.session_keys());
        let token = of(Keyring::new(&old)).issue(&session).expect("a token");
        let now = session.created_at;
        assert!(of(Keyring::new(&new).beside(Some(&old))).verify(&token, now).is_ok());
        assert_eq!(of(Keyring::new(&new)).verify(&token, now), Err(SessionTokenError::Invalid));
    }

    fn tokens() -> SessionTokens {
        SessionTokens::new(Keyring::new(&SecretKey::generate()).session_keys())
    }

    fn session() -> Session {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
        Session {
            id: SessionId::generate(),
            user_id: UserId::generate(),
            account_id: AccountId::generate(),
            created_at: now,
            expires_at: now + TimeDelta::days(7),
            last_used_at: now,
            user_agent: None,
            address: None,
            method: SignInMethod::Password,
        }
    }

    #[test]
    fn session_token_issued_is_verified_until_it_expires() {
        let (tokens, session) = (tokens(), session());
        let token = tokens.issue(&session).expect("signs");
        let last = session.expires_at - TimeDelta::seconds(1);
        assert_eq!(tokens.verify(&token, last).expect("still good").session_id, session.id);
        assert_eq!(tokens.verify(&token, session.expires_at), Err(SessionTokenError::Expired));
    }

    #[test]
    fn session_token_of_another_key_or_algorithm_is_refused() {
        let session = session();
        let token = tokens().issue(&session).expect("signs");
        assert_eq!(tokens().verify(&token, session.created_at), Err(SessionTokenError::Invalid));
        // {"alg":"none"} with the same claims.
        let body = token.split('.').nth(1).expect("three parts");
        for text in [format!("eyJhbGciOiJub25lIn0.{body}."), String::new(), "a.b.c".to_owned()] {
            assert_eq!(tokens().verify(&text, session.created_at), Err(SessionTokenError::Invalid), "{text}");
        }
    }
}
