//! Audit events.

use chrono::{DateTime, Utc};
use ostiary_model::AuditEventId;
use ostiary_model::audit::{ActorKind, AuditAction, ObjectKind};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::schema;
use crate::ops::tool::hex;

/// The record of one change.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Id.
    #[schema(value_type = String)]
    pub id: AuditEventId,
    /// 1 for the first event of the account, then one more with each.
    pub number: i64,
    /// When.
    pub time: DateTime<Utc>,
    /// Who.
    pub actor: AuditActor,
    /// What was done.
    #[schema(schema_with = schema::audit_action)]
    pub action: AuditAction,
    /// What it was done to.
    pub object: AuditObject,
    /// How the object was before, without secrets; null for something new.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Box<RawValue>>,
    /// How it is now, without secrets; null for something that is gone.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Box<RawValue>>,
    /// The hash of the event before; zeros before the first.
    pub previous_hash: String,
    /// SHA-256 of the event, the hash of the one before included, in hexadecimal digits.
    pub hash: String,
}

/// Who changed something.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActor {
    /// A person, a key, or the program.
    #[schema(schema_with = schema::actor_kind)]
    pub kind: ActorKind,
    /// Id of the user or key; null for the program.
    pub id: Option<String>,
    /// What they were called then.
    #[schema(example = "ada@example.com")]
    pub name: String,
}

/// What something was done to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditObject {
    /// What it is.
    #[schema(schema_with = schema::object_kind)]
    pub kind: ObjectKind,
    /// Its id; a tool's is the one of its server, a slash, and its name.
    pub id: String,
}

impl From<ostiary_model::AuditEvent> for AuditEvent {
    fn from(event: ostiary_model::AuditEvent) -> Self {
        let json = |text: Option<String>| text.and_then(|text| RawValue::from_string(text).ok());
        let entry = event.entry;
        Self {
            id: entry.id,
            number: event.number,
            time: entry.time,
            actor: AuditActor { kind: entry.actor.kind, id: entry.actor.id, name: entry.actor.name },
            action: entry.action,
            object: AuditObject { kind: entry.object.kind, id: entry.object.id },
            before: json(entry.before),
            after: json(entry.after),
            previous_hash: hex(&event.previous_hash),
            hash: hex(&event.hash),
        }
    }
}
