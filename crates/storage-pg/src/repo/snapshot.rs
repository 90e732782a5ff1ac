//! The one read of the path of a call.

use std::sync::Arc;

use async_trait::async_trait;
use ostiary_model::{AccountId, Binding, GrantId, PlanName, PolicyId, Server, ServerId, Slug};
use ostiary_storage::{BoundPolicy, BoundServer, GrantSnapshot, ReadSnapshots, StorageError};
use uuid::Uuid;

use crate::error::storage_error;
use crate::repo::grant::GrantRow;
use crate::repo::server::ServerRow;
use crate::row::Place;
use crate::store::PgStore;
use crate::within::Within as _;

/// A grant with one of its bindings; without any, one row in which `mode` and everything after it is null.
struct SnapshotRow {
    token_expires_at: Option<i64>,
    account_slug: String,
    plan: String,
    account_id: Uuid,
    id: Uuid,
    label: String,
    metadata: String,
    token_hint: String,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    revision: i64,
    created_at: i64,
    mode: Option<String>,
    policy_id: Option<Uuid>,
    policy_version: Option<i64>,
    policy_document: Option<String>,
    s_id: Option<Uuid>,
    s_slug: Option<String>,
    s_name: Option<String>,
    s_url: Option<String>,
    s_auth_header_names: Option<String>,
    s_auth_sealed: Option<Vec<u8>>,
    s_on_tool_change: Option<String>,
    s_on_limits_unavailable: Option<String>,
    s_identity_name: Option<String>,
    s_identity_version: Option<String>,
    s_identity_protocol_version: Option<String>,
    s_identity_instructions: Option<String>,
    s_identity_capabilities: Option<String>,
    s_inventory_read_at: Option<i64>,
    s_inventory_error: Option<String>,
    s_inventory_lists: Option<String>,
    s_revision: Option<i64>,
    s_created_at: Option<i64>,
    s_updated_at: Option<i64>,
}

impl SnapshotRow {
    /// The binding of this row, which leaves the columns of the grant where they are.
    fn take_binding(&mut self) -> Result<Option<(Binding, BoundServer)>, StorageError> {
        let Some(mode) = self.mode.take() else { return Ok(None) };
        let place = Place::new("bindings", GrantId::from_uuid(self.id));
        let mode = place.parse("mode", &mode)?;
        let server = self.take_server().ok_or_else(|| place.broken("server_id"))?;
        let policy = match (self.policy_id, self.policy_version, self.policy_document.take()) {
            (None, _, _) => None,
            (Some(id), Some(version), Some(document)) => {
                Some(BoundPolicy { id: PolicyId::from_uuid(id), version, document: document.into() })
            }
            // A policy without its newest version must not look like a binding without a policy.
            (Some(_), _, _) => return Err(place.broken("policy_id")),
        };
        let binding = Binding {
            server_id: ServerId::from_uuid(server.id),
            policy_id: policy.as_ref().map(|policy| policy.id),
            mode,
        };
        Ok(Some((binding, BoundServer { server: Arc::new(Server::try_from(server)?), policy, mode })))
    }

    fn take_server(&mut self) -> Option<ServerRow> {
        Some(ServerRow {
            account_id: self.account_id,
            id: self.s_id?,
            slug: self.s_slug.take()?,
            name: self.s_name.take()?,
            url: self.s_url.take()?,
            auth_header_names: self.s_auth_header_names.take(),
            auth_sealed: self.s_auth_sealed.take(),
            on_tool_change: self.s_on_tool_change.take()?,
            on_limits_unavailable: self.s_on_limits_unavailable.take()?,
            identity_name: self.s_identity_name.take(),
            identity_version: self.s_identity_version.take(),
            identity_protocol_version: self.s_identity_protocol_version.take(),
            identity_instructions: self.s_identity_instructions.take(),
            identity_capabilities: self.s_identity_capabilities.take(),
            inventory_read_at: self.s_inventory_read_at,
            inventory_error: self.s_inventory_error.take(),
            inventory_lists: self.s_inventory_lists.take()?,
            revision: self.s_revision?,
            created_at: self.s_created_at?,
            updated_at: self.s_updated_at?,
        })
    }
}

#[async_trait]
impl ReadSnapshots for PgStore {
    async fn find_snapshot_by_token(&self, token_hash: &[u8; 32]) -> Result<Option<GrantSnapshot>, StorageError> {
        let token_hash = token_hash.as_slice();
        // One statement, so that everything in it is of the same moment. The account is the token's own.
        let mut rows = sqlx::query_as!(
            SnapshotRow,
            r#"
            select
                t.expires_at as token_expires_at, a.slug as account_slug, a.plan,
                g.account_id, g.id, g.label, g.metadata, g.token_hint,
                g.expires_at, g.revoked_at, g.last_used_at, g.revision, g.created_at,
                b.mode as "mode?", b.policy_id as "policy_id?",
                v.number as "policy_version?", v.document as "policy_document?",
                s.id as "s_id?", s.slug as "s_slug?", s.name as "s_name?", s.url as "s_url?",
                s.auth_header_names as "s_auth_header_names?", s.auth_sealed as "s_auth_sealed?",
                s.on_tool_change as "s_on_tool_change?", s.on_limits_unavailable as "s_on_limits_unavailable?",
                s.identity_name as "s_identity_name?", s.identity_version as "s_identity_version?",
                s.identity_protocol_version as "s_identity_protocol_version?",
                s.identity_instructions as "s_identity_instructions?",
                s.identity_capabilities as "s_identity_capabilities?",
                s.inventory_read_at as "s_inventory_read_at?", s.inventory_error as "s_inventory_error?",
                s.inventory_lists as "s_inventory_lists?",
                s.revision as "s_revision?", s.created_at as "s_created_at?", s.updated_at as "s_updated_at?"
            from grant_tokens t
            join grants g on g.account_id = t.account_id and g.id = t.grant_id
            join accounts a on a.id = t.account_id and a.delete_at is null
            left join bindings b on b.account_id = t.account_id and b.grant_id = t.grant_id
            left join servers s on s.account_id = b.account_id and s.id = b.server_id
            left join policies p on p.account_id = b.account_id and p.id = b.policy_id
            left join policy_versions v
                on v.account_id = p.account_id and v.policy_id = p.id and v.number = p.version
            where t.token_hash = $1
            order by b.position
            "#,
            token_hash
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let mut bindings = Vec::with_capacity(rows.len());
        let mut servers = Vec::with_capacity(rows.len());
        for row in &mut rows {
            if let Some((binding, server)) = row.take_binding()? {
                bindings.push(binding);
                servers.push(server);
            }
        }
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let place = Place::new("accounts", AccountId::from_uuid(row.account_id));
        let account_slug = place.value("slug", Slug::parse(&row.account_slug))?;
        let plan = place.value("plan", PlanName::parse(&row.plan))?;
        let token_expires_at =
            Place::new("grant_tokens", GrantId::from_uuid(row.id)).time_option("expires_at", row.token_expires_at)?;
        let grant = GrantRow {
            account_id: row.account_id,
            id: row.id,
            label: row.label,
            metadata: row.metadata,
            token_hint: row.token_hint,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            revision: row.revision,
            created_at: row.created_at,
        }
        .into_grant(bindings)?;
        Ok(Some(GrantSnapshot { grant, token_expires_at, account_slug, plan, servers }))
    }
}
