//! Audit events as they stand in the tables.

use ostiary_model::audit::{AuditActor, AuditObject};
use ostiary_model::{AccountId, AuditEntry, AuditEvent, AuditEventId, AuditHead};
use ostiary_storage::StorageError;
use uuid::Uuid;

use crate::row::Place;

/// The columns of an event.
#[derive(sqlx::FromRow)]
pub(super) struct AuditRow {
    pub(super) account_id: Uuid,
    pub(super) number: i64,
    pub(super) id: Uuid,
    pub(super) time: i64,
    pub(super) actor_kind: String,
    pub(super) actor_id: Option<String>,
    pub(super) actor_name: String,
    pub(super) action: String,
    pub(super) object_kind: String,
    pub(super) object_id: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) previous_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl TryFrom<AuditRow> for AuditEvent {
    type Error = StorageError;

    fn try_from(row: AuditRow) -> Result<Self, StorageError> {
        let id = AuditEventId::from_uuid(row.id);
        let place = Place::new("audit_events", id);
        Ok(Self {
            number: row.number,
            entry: AuditEntry {
                id,
                account_id: AccountId::from_uuid(row.account_id),
                time: place.time("time", row.time)?,
                actor: AuditActor {
                    kind: place.parse("actor_kind", &row.actor_kind)?,
                    id: row.actor_id,
                    name: row.actor_name,
                },
                action: place.parse("action", &row.action)?,
                object: AuditObject { kind: place.parse("object_kind", &row.object_kind)?, id: row.object_id },
                before: row.before,
                after: row.after,
            },
            previous_hash: place.hash("previous_hash", &row.previous_hash)?,
            hash: place.hash("hash", &row.hash)?,
        })
    }
}

/// The columns of a head.
pub(super) struct HeadRow {
    pub(super) account_id: Uuid,
    pub(super) number: i64,
    pub(super) hash: Vec<u8>,
}

impl TryFrom<HeadRow> for AuditHead {
    type Error = StorageError;

    fn try_from(row: HeadRow) -> Result<Self, StorageError> {
        let account_id = AccountId::from_uuid(row.account_id);
        let place = Place::new("audit_heads", account_id);
        Ok(Self { account_id, number: row.number, hash: place.hash("hash", &row.hash)? })
    }
}
