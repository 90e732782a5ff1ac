//! Where things are kept, as traits: [`Store`] reads, a [`Transaction`] writes, the
//! [`DecisionLog`] takes the records of calls.
//!
//! No SQL and no backend here. Every method on a tenant's data takes the [`AccountId`] first and
//! finds nothing of another account. Lookups answer `None` for what is not there; writes to what
//! is not there are [`StorageError::NotFound`].
//!
//! Every transaction ends with a [`Trail`]: the audit events of its changes, stored together with them, or the reason
//! why there are none.
//!
//! To add an entity: a module in `repo/` with a reading and a writing trait, both named in
//! [`store`], the same statements in every backend crate, and its cases in `contract/`.
//!
//! [`AccountId`]: ostiary_model::AccountId
#![warn(missing_docs)]

pub mod audit;
#[cfg(feature = "contract")]
pub mod contract;
pub mod decision_log;
pub mod error;
pub mod page;
pub mod repo;
pub mod snapshot;
pub mod store;
pub mod trail;
pub mod transfer;
pub mod usage;

pub use decision_log::{DecisionLog, LogBatch, SlotDelta, StoredSlot};
pub use error::StorageError;
pub use page::{Page, PageRequest};
pub use repo::account::{ReadAccounts, WriteAccounts};
pub use repo::api_key::{ApiKeyMatch, ReadApiKeys, WriteApiKeys};
pub use repo::attempt::{AttemptLimit, CountAttempts};
pub use repo::audit::{AuditFilter, ReadAuditEvents};
pub use repo::catalogue::{
    CatalogueFilter, ReadCatalogue, WriteCatalogue, asked_words, catalogue_text, server_words, tool_words,
};
pub use repo::decision::{DecisionFilter, ReadDecisions};
pub use repo::entry::{ReadEntries, WriteEntries};
pub use repo::grant::{ReadGrants, WriteGrants};
pub use repo::idempotency::{Claim, ClaimTimes, ClaimedKey, IdempotencyKey, WriteIdempotencyKeys};
pub use repo::identity::{ReadIdentities, WriteIdentities};
pub use repo::invitation::{InvitationMatch, ReadInvitations, WriteInvitations};
pub use repo::link::WriteLinks;
pub use repo::member::{ReadMembers, WriteMembers};
pub use repo::passkey::{Ceremony, ReadPasskeys, StoredPasskey, WritePasskeys};
pub use repo::plan::{ReadPlans, WritePlans};
pub use repo::policy::{PolicyUse, ReadPolicies, WritePolicies};
pub use repo::sealed::{ReadSealed, SealedKind, SealedPlace, SealedValue, WriteSealed};
pub use repo::second_factor::{ReadSecondFactors, StoredTotp, WriteSecondFactors};
pub use repo::server::{ReadServers, ServerTotals, WriteServers};
pub use repo::session::{ReadSessions, SessionMatch, WriteSessions};
pub use repo::tool::{ReadTools, WriteTools};
pub use repo::tool_change::{ReadToolChanges, WriteToolChanges};
pub use repo::usage::ReadUsage;
pub use repo::user::{ReadUsers, StoredUser, WriteUsers};
pub use snapshot::{BoundPolicy, BoundServer, GrantSnapshot, ReadSnapshots};
pub use store::{Reads, Store, Transaction};
pub use trail::{Trail, Unrecorded};
