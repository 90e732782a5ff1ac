//! A grant as it stands in the tables.

use ostiary_model::{AccountId, Binding, Grant, GrantId, Label, PolicyId, ServerId};
use ostiary_storage::StorageError;
use uuid::Uuid;

use crate::row::Place;

/// The columns of a grant.
pub(crate) struct GrantRow {
    pub(crate) account_id: Uuid,
    pub(crate) id: Uuid,
    pub(crate) label: String,
    pub(crate) metadata: String,
    pub(crate) token_hint: String,
    pub(crate) expires_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) revision: i64,
    pub(crate) created_at: i64,
}

impl GrantRow {
    /// The grant with bindings that were read with it.
    pub(crate) fn into_grant(self, bindings: Vec<Binding>) -> Result<Grant, StorageError> {
        let id = GrantId::from_uuid(self.id);
        let place = Place::new("grants", id);
        Ok(Grant {
            id,
            account_id: AccountId::from_uuid(self.account_id),
            label: place.value("label", Label::parse(&self.label))?,
            bindings,
            metadata: place.json("metadata", &self.metadata)?,
            token_hint: self.token_hint.into(),
            expires_at: place.time_option("expires_at", self.expires_at)?,
            revoked_at: place.time_option("revoked_at", self.revoked_at)?,
            last_used_at: place.time_option("last_used_at", self.last_used_at)?,
            revision: self.revision,
            created_at: place.time("created_at", self.created_at)?,
        })
    }

    /// The grant with bindings as a JSON array of `[server, policy, mode]`.
    pub(super) fn into_grant_with(self, bindings: &str) -> Result<Grant, StorageError> {
        let place = Place::new("bindings", GrantId::from_uuid(self.id));
        let bindings: Vec<(Uuid, Option<Uuid>, String)> = place.json("server_id", bindings)?;
        let bindings = bindings
            .into_iter()
            .map(|(server_id, policy_id, mode)| {
                Ok(Binding {
                    server_id: ServerId::from_uuid(server_id),
                    policy_id: policy_id.map(PolicyId::from_uuid),
                    mode: place.parse("mode", &mode)?,
                })
            })
            .collect::<Result<_, StorageError>>()?;
        self.into_grant(bindings)
    }
}
