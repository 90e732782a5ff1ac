//! Keys for the REST API.

use chrono::{DateTime, Utc};

use crate::{AccountId, ApiKeyId, Label, Role, UserId};

/// A key for the REST API of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The account it opens.
    pub account_id: AccountId,
    /// What people call it.
    pub label: Label,
    /// What it may do.
    pub role: Role,
    /// The last characters of the key, to tell keys apart.
    pub hint: Box<str>,
    /// Who minted it.
    pub created_by: UserId,
    /// When it was minted.
    pub created_at: DateTime<Utc>,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}
