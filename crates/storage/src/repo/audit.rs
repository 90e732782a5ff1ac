//! Audit events. They are written at the end of a transaction: [`Trail`](crate::Trail).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::audit::{ActorKind, AuditAction, ObjectKind};
use ostiary_model::{AccountId, AuditEvent, AuditHead};

use crate::{Page, PageRequest, StorageError};

/// Which audit events: those that fit every member that is given.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// By such a caller.
    pub actor_kind: Option<ActorKind>,
    /// By the user or key with this id.
    pub actor_id: Option<String>,
    /// Of this action.
    pub action: Option<AuditAction>,
    /// On such an object.
    pub object_kind: Option<ObjectKind>,
    /// On the object with this id.
    pub object_id: Option<String>,
    /// At or after.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// Reads audit events.
#[async_trait]
pub trait ReadAuditEvents {
    /// Audit events, the newest first.
    async fn list_audit_events(
        &self,
        account_id: AccountId,
        filter: &AuditFilter,
        page: PageRequest<i64>,
    ) -> Result<Page<AuditEvent>, StorageError>;

    /// The events with numbers above `after`, in the order in which they were written; at most `limit`.
    async fn list_audit_chain(
        &self,
        account_id: AccountId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StorageError>;

    /// Where the chain of an account ends.
    async fn get_audit_head(&self, account_id: AccountId) -> Result<AuditHead, StorageError>;

    /// Where the chains end, of all accounts that have events or a head, by id of the account.
    async fn list_audit_heads(&self, page: PageRequest<AccountId>) -> Result<Page<AuditHead>, StorageError>;
}
