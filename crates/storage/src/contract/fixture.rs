//! What cases begin with.

use chrono::{DateTime, Utc};
use ostiary_model::decision::{Decision, Outcome};
use ostiary_model::server::{InventoryState, OnLimitsUnavailable, OnToolChange, ServerIdentity};
use ostiary_model::tool::{Category, Risk};
use ostiary_model::{
    Account, AccountId, Binding, DecisionId, Email, Grant, GrantId, Label, Mode, Name, PlanName, Policy, PolicyId,
    PolicyVersion, Role, Server, ServerId, Slug, Tool, UpstreamAuth, User, UserId,
};

use super::Backend;
use crate::{LogBatch, PageRequest, StoredUser};

/// So many seconds after a moment of 2026, in whole milliseconds, as they are kept.
#[must_use]
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_000_000 + seconds, 123_000_000).expect("a time")
}

/// The first page of so many.
#[must_use]
pub fn first<K>(limit: u32) -> PageRequest<K> {
    PageRequest { limit, after: None }
}

/// A page of so many behind a key.
#[must_use]
pub fn after<K>(limit: u32, key: K) -> PageRequest<K> {
    PageRequest { limit, after: Some(key) }
}

/// A hash that is another one for every `seed`.
#[must_use]
pub fn hash(seed: u8) -> [u8; 32] {
    [seed; 32]
}

/// A slug that is known to be one.
#[must_use]
pub fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

/// A name that is known to be one.
#[must_use]
pub fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

/// An account that is not stored yet.
#[must_use]
pub fn account(text: &str) -> Account {
    Account {
        id: AccountId::generate(),
        slug: slug(text),
        name: name(text),
        created_at: at(0),
        updated_at: at(0),
        delete_at: None,
        plan: PlanName::standard(),
    }
}

/// A user that is not stored yet.
#[must_use]
pub fn user(local: &str) -> StoredUser {
    let email = Email::parse(&format!("{local}@example.com")).expect("an address");
    StoredUser {
        user: User { id: UserId::generate(), email, created_at: at(0), email_verified_at: None },
        password_hash: "$argon2id$one".to_owned(),
    }
}

/// A stored account with an owner.
#[derive(Debug)]
pub struct Tenant {
    /// The account.
    pub account: Account,
    /// Its owner.
    pub owner: User,
}

impl Tenant {
    /// Stores an account with an owner.
    pub async fn create(backend: &Backend, text: &str) -> Self {
        let (account, owner) = (account(text), user(text));
        written!(
            backend,
            create_account(&account),
            create_user(&owner),
            create_member(account.id, owner.user.id, Role::Owner, at(0)),
        );
        Self { account, owner: owner.user }
    }

    /// The id of the account.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.account.id
    }

    /// A server that is not stored yet.
    #[must_use]
    pub fn server(&self, text: &str) -> Server {
        Server {
            id: ServerId::generate(),
            account_id: self.id(),
            slug: slug(text),
            name: name(text),
            url: "https://mcp.example.com/mcp".parse().expect("a URL"),
            auth: UpstreamAuth::Headers { names: vec!["authorization".to_owned()], sealed: vec![0, 1, 255] },
            on_tool_change: OnToolChange::Quarantine,
            on_limits_unavailable: OnLimitsUnavailable::Allow,
            identity: ServerIdentity::default(),
            inventory: InventoryState::default(),
            revision: 1,
            created_at: at(1),
            updated_at: at(1),
        }
    }

    /// Stores a server.
    pub async fn create_server(&self, backend: &Backend, text: &str) -> Server {
        let server = self.server(text);
        written!(backend, create_server(&server));
        server
    }

    /// A policy that is not stored yet.
    #[must_use]
    pub fn policy(&self, server: &Server, text: &str) -> Policy {
        Policy {
            id: PolicyId::generate(),
            account_id: self.id(),
            server_id: server.id,
            name: name(text),
            version: self.version(1),
            created_at: at(2),
        }
    }

    /// A version that is not stored yet.
    #[must_use]
    pub fn version(&self, number: i64) -> PolicyVersion {
        PolicyVersion {
            number,
            document: format!("{{ \"number\": {number} }}\n"),
            rolled_back_to: None,
            created_by: self.owner.id.to_string(),
            created_at: at(number),
        }
    }

    /// Stores a policy.
    pub async fn create_policy(&self, backend: &Backend, server: &Server, text: &str) -> Policy {
        let policy = self.policy(server, text);
        written!(backend, create_policy(&policy));
        policy
    }

    /// A grant that is not stored yet.
    #[must_use]
    pub fn grant(&self, bindings: Vec<Binding>) -> Grant {
        Grant {
            id: GrantId::generate(),
            account_id: self.id(),
            label: Label::parse("the agent").expect("a label"),
            bindings,
            metadata: serde_json::json!({ "team": "billing", "level": 3 }),
            token_hint: "abcd".into(),
            expires_at: Some(at(1000)),
            revoked_at: None,
            last_used_at: None,
            revision: 1,
            created_at: at(3),
        }
    }

    /// Stores a grant.
    pub async fn create_grant(&self, backend: &Backend, bindings: Vec<Binding>, token_hash: [u8; 32]) -> Grant {
        let grant = self.grant(bindings);
        written!(backend, create_grant(&grant, &token_hash));
        grant
    }

    /// A decision with nothing optional, that is not stored yet.
    #[must_use]
    pub fn decision(&self, time: DateTime<Utc>) -> Decision {
        Decision {
            id: DecisionId::generate(),
            time,
            account_id: self.id(),
            server_id: ServerId::generate(),
            server_slug: "pay".to_owned(),
            grant_id: GrantId::generate(),
            grant_label: "the agent".to_owned(),
            session: None,
            client_name: None,
            client_version: None,
            protocol_version: None,
            method: "tools/call".to_owned(),
            target: None,
            category: None,
            policy_id: None,
            policy_version: None,
            mode: Mode::Enforce,
            outcome: Outcome::Allowed,
            code: None,
            rule: None,
            message: None,
            argument_names: Vec::new(),
            argument_hash: None,
            trace_id: None,
            bytes_in: 0,
            gateway_us: 0,
            ending: None,
        }
    }
}

/// A binding that enforces.
#[must_use]
pub fn binding(server: &Server, policy: Option<&Policy>) -> Binding {
    Binding { server_id: server.id, policy_id: policy.map(|policy| policy.id), mode: Mode::Enforce }
}

/// A tool that is not stored yet, as it is seen for the first time.
#[must_use]
pub fn tool(server: &Server, text: &str, fingerprint: u8, seen: DateTime<Utc>) -> Tool {
    Tool {
        server_id: server.id,
        name: text.to_owned(),
        definition: serde_json::json!({ "name": text, "fingerprint": fingerprint }),
        fingerprint: hash(fingerprint),
        accepted_fingerprint: hash(fingerprint),
        computed_category: Category::Write,
        computed_risk: Risk::Medium,
        overridden: None,
        first_seen_at: seen,
        last_seen_at: seen,
        gone_at: None,
    }
}

/// Writes decisions to the log.
pub async fn record(backend: &Backend, decisions: Vec<Decision>) {
    backend.log.commit(&LogBatch { decisions, ..LogBatch::default() }).await.expect("commit");
}
