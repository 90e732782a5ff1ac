//! What an account has, and what it did.

use chrono::NaiveDate;

use crate::decision::Outcome;

/// Calls of one outcome on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageDay {
    /// The day, of UTC.
    pub day: NaiveDate,
    /// What became of them.
    pub outcome: Outcome,
    /// How many they were.
    pub calls: i64,
    /// Those of them that surely did not reach their server.
    pub unsent: i64,
    /// Bytes of their messages.
    pub bytes_in: i64,
    /// Bytes of the answers to those that have ended.
    pub bytes_out: i64,
}

/// How much of what a plan limits there is in an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Servers.
    pub servers: u64,
    /// Grants that are not revoked.
    pub grants: u64,
    /// Members.
    pub members: u64,
    /// Invitations that can be accepted.
    pub invitations: u64,
}
