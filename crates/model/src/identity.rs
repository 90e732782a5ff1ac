//! People as others know them.

use chrono::{DateTime, Utc};

use crate::{IdentityId, UserId};

/// A user as a provider of sign-ins (OpenID Connect) knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Who it is.
    pub user_id: UserId,
    /// The provider, by its URL.
    pub issuer: String,
    /// What the provider calls them; never given to anybody else.
    pub subject: String,
    /// The address that the provider told, for people to read.
    pub email: Option<String>,
    /// When it was linked.
    pub created_at: DateTime<Utc>,
    /// When somebody last signed in with it.
    pub last_used_at: DateTime<Utc>,
}
