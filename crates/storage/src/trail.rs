//! What a transaction leaves behind besides its writes.

use ostiary_model::AuditEntry;

/// The audit events of a transaction, or why it has none. A transaction cannot end without one, so that no change goes
/// unrecorded because somebody forgot.
#[derive(Clone, Debug)]
pub enum Trail {
    /// What was changed.
    Events(Vec<AuditEntry>),
    /// Nothing that belongs into the audit events.
    Unrecorded(Unrecorded),
}

/// Why a transaction has no audit events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecorded {
    /// When something was last used, which the decisions or the access log say better.
    LastUse,
    /// What was asked for was so already.
    NothingChanged,
    /// Rows whose time is over, and what the program keeps for itself.
    Housekeeping,
    /// No account is concerned: there is no chain for it.
    NoAccount,
    /// What a test or a measurement begins with.
    Fixture,
}

impl Trail {
    /// The entries, those of one account together and in order. Backends write them in this order, so that two
    /// transactions never wait for each other's accounts.
    #[must_use]
    pub fn into_entries(self) -> Vec<AuditEntry> {
        match self {
            Self::Events(mut entries) => {
                entries.sort_by_key(|entry| entry.account_id);
                entries
            }
            Self::Unrecorded(_) => Vec::new(),
        }
    }
}

impl From<AuditEntry> for Trail {
    fn from(entry: AuditEntry) -> Self {
        Self::Events(vec![entry])
    }
}

impl From<Vec<AuditEntry>> for Trail {
    fn from(entries: Vec<AuditEntry>) -> Self {
        if entries.is_empty() { Self::Unrecorded(Unrecorded::NothingChanged) } else { Self::Events(entries) }
    }
}

impl From<Unrecorded> for Trail {
    fn from(reason: Unrecorded) -> Self {
        Self::Unrecorded(reason)
    }
}
