//! The two faces of a backend.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{
    CountAttempts, ReadAccounts, ReadApiKeys, ReadAuditEvents, ReadCatalogue, ReadDecisions, ReadEntries, ReadGrants,
    ReadIdentities, ReadInvitations, ReadMembers, ReadPasskeys, ReadPlans, ReadPolicies, ReadSealed, ReadSecondFactors,
    ReadServers, ReadSessions, ReadSnapshots, ReadToolChanges, ReadTools, ReadUsage, ReadUsers, StorageError, Trail,
    WriteAccounts, WriteApiKeys, WriteCatalogue, WriteEntries, WriteGrants, WriteIdempotencyKeys, WriteIdentities,
    WriteInvitations, WriteLinks, WriteMembers, WritePasskeys, WritePlans, WritePolicies, WriteSealed,
    WriteSecondFactors, WriteServers, WriteSessions, WriteToolChanges, WriteTools, WriteUsers,
};

/// The reading face: everything that is done at once. Counting attempts is of it, which no transaction must undo.
pub trait Reads:
    CountAttempts
    + ReadAccounts
    + ReadApiKeys
    + ReadAuditEvents
    + ReadCatalogue
    + ReadDecisions
    + ReadEntries
    + ReadGrants
    + ReadIdentities
    + ReadInvitations
    + ReadMembers
    + ReadPasskeys
    + ReadPlans
    + ReadPolicies
    + ReadSealed
    + ReadSecondFactors
    + ReadServers
    + ReadSessions
    + ReadSnapshots
    + ReadToolChanges
    + ReadTools
    + ReadUsage
    + ReadUsers
    + std::fmt::Debug
    + Send
    + Sync
{
}

/// A backend: reads at once, writes in transactions.
#[async_trait]
pub trait Store: Reads {
    /// Begins a transaction that sees, and locks out, everything written before.
    async fn begin(&self) -> Result<Box<dyn Transaction>, StorageError>;

    /// What time it is where the data is kept: to compare with our own clock, and for nothing else.
    async fn clock(&self) -> Result<DateTime<Utc>, StorageError>;

    /// Answers when the backend does; for `/readyz`.
    async fn ping(&self) -> Result<(), StorageError>;
}

/// Several writes that happen together or not at all. Dropping it undoes them.
///
/// It holds a write lock on some backends: do nothing slow while it is open.
#[async_trait]
pub trait Transaction:
    WriteAccounts
    + WriteApiKeys
    + WriteCatalogue
    + WriteEntries
    + WriteGrants
    + WriteIdentities
    + WriteInvitations
    + WriteLinks
    + WriteIdempotencyKeys
    + WriteMembers
    + WritePasskeys
    + WritePlans
    + WritePolicies
    + WriteSealed
    + WriteSecondFactors
    + WriteServers
    + WriteSessions
    + WriteToolChanges
    + WriteTools
    + WriteUsers
    + Send
{
    /// Makes the writes durable and visible to all, together with the audit events of `trail`, which go to the end of
    /// the chains of their accounts. Transactions that write events of one account end one after the other.
    async fn commit(self: Box<Self>, trail: Trail) -> Result<(), StorageError>;
}
