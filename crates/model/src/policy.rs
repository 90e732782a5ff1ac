//! Policies: named documents with versions. What a document means is in `ostiary-policy`.

use chrono::{DateTime, Utc};

use crate::{AccountId, Name, PolicyId, ServerId};

/// A named policy on one server, at its newest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// The server it is written for.
    pub server_id: ServerId,
    /// What people call it; unique on the server.
    pub name: Name,
    /// The newest version; also the `ETag`.
    pub version: PolicyVersion,
    /// When the policy was made.
    pub created_at: DateTime<Utc>,
}

/// One saved edit of a policy; never changed afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// 1 for the first, then one more with every edit.
    pub number: i64,
    /// The document as its author wrote it.
    pub document: String,
    /// The version whose document was taken again, when this is a rollback.
    pub rolled_back_to: Option<i64>,
    /// Who saved it: a user or an API key, as text of its id.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}
