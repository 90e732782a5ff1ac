//! Signed-in browsers.

use chrono::{DateTime, Utc};

use crate::word::words;
use crate::{AccountId, SessionId, UserId};

/// A signed-in browser of a user, in one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id; stands in the session cookie's token.
    pub id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// The account it looks at.
    pub account_id: AccountId,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: DateTime<Utc>,
    /// What the browser called itself when it signed in.
    pub user_agent: Option<String>,
    /// Where it signed in from.
    pub address: Option<String>,
    /// How.
    pub method: SignInMethod,
}

words!(
    /// How somebody signed in, before a second factor.
    SignInMethod {
        /// With a password.
        Password = "password",
        /// By a provider (OpenID Connect).
        Provider = "provider",
    }
);
