//! The log of changes.

pub(crate) mod export;
pub(crate) mod list;

use ostiary_model::audit::{ActorKind, AuditAction, ObjectKind};
use ostiary_storage::AuditFilter;
use utoipa::IntoParams;

use crate::dto::schema;
use crate::extract::{FromQuery, QueryInput};

/// Which audit events: those that fit every parameter that is given. Read by [`Filter`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents parameters that are read by name")]
pub(crate) struct FilterParams {
    /// By such a caller.
    #[param(schema_with = schema::actor_kind, required = false)]
    actor_kind: Option<ActorKind>,
    /// By the user or key with this id.
    actor_id: Option<String>,
    /// Of this action.
    #[param(schema_with = schema::audit_action, required = false)]
    action: Option<AuditAction>,
    /// On such an object.
    #[param(schema_with = schema::object_kind, required = false)]
    object_kind: Option<ObjectKind>,
    /// On the object with this id.
    object_id: Option<String>,
    /// At or after this time.
    since: Option<chrono::DateTime<chrono::Utc>>,
    /// Before this time.
    until: Option<chrono::DateTime<chrono::Utc>>,
}

/// The filter of a request.
#[derive(Debug)]
pub(crate) struct Filter(pub(crate) AuditFilter);

impl FromQuery for Filter {
    fn from_query(input: &mut QueryInput) -> Self {
        Self(AuditFilter {
            actor_kind: input.optional("actor_kind", "must be `user`, `api_key` or `system`"),
            actor_id: input.text("actor_id"),
            action: input.optional("action", "must be an action"),
            object_kind: input.optional("object_kind", "must be a kind of object"),
            object_id: input.text("object_id"),
            since: input.time("since"),
            until: input.time("until"),
        })
    }
}
