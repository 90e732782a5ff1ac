//! One account with one server, one policy and one grant, behind a gateway.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::Utc;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use ostiary_admission::{EmbeddedAdmission, EmbeddedConfig, Epochs};
use ostiary_auth::{Credentials, Keyring, Purpose, SecretKey, Token, TokenKind, UpstreamHeader};
use ostiary_edge::TrustedProxies;
use ostiary_egress::{EgressPolicy, Guard, UpstreamClient, UpstreamSettings};
use ostiary_mcp::canonical::tool_fingerprint;
use ostiary_model::decision::Decision;
use ostiary_model::entry::ListState;
use ostiary_model::server::{InventoryState, OnLimitsUnavailable, OnToolChange, ServerIdentity};
use ostiary_model::tool::Category;
use ostiary_model::{
    Account, AccountId, Binding, Clock, EntryKind, Grant, GrantId, InventoryEntry, Label, Mode, Name, Policy, PolicyId,
    PolicyVersion, Server, ServerId, Slug, SystemClock, Tool, UpstreamAuth,
};
use ostiary_proxy::{Body, Gateway, GatewayParts, InventoryRefresher, Mailbox, ProxyConfig, RefreshError};
use ostiary_storage::{DecisionFilter, DecisionLog, PageRequest, ReadDecisions, Store};
use ostiary_storage_sqlite::SqliteStore;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const ALLOW_ALL: &str = r#"{"version":"1","default":"allow"}"#;

/// What the world begins with.
pub(crate) struct Plan {
    pub(crate) policy: Option<&'static str>,
    pub(crate) mode: Mode,
    pub(crate) tools: &'static [&'static str],
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) config: ProxyConfig,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where records go; the store, when there is none.
    pub(crate) log: Option<Arc<dyn DecisionLog>>,
    /// Tools that are found when the inventory is read anew.
    pub(crate) found: &'static [&'static str],
    /// How long reading the inventory anew takes.
    pub(crate) reading: Duration,
    /// Where replicas leave things for each other.
    pub(crate) mailbox: Option<Arc<dyn Mailbox>>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            policy: Some(ALLOW_ALL),
            mode: Mode::Enforce,
            tools: &["echo", "delete_all", "refund"],
            headers: &[],
            config: ProxyConfig::default(),
            clock: Arc::new(SystemClock),
            log: None,
            found: &[],
            reading: Duration::ZERO,
            mailbox: None,
        }
    }
}

impl Plan {
    pub(crate) fn policy(policy: &'static str) -> Self {
        Self { policy: Some(policy), ..Self::default() }
    }
}

pub(crate) struct World {
    parts: GatewayParts,
    pub(crate) gateway: Gateway,
    pub(crate) store: SqliteStore,
    pub(crate) epochs: Arc<Epochs>,
    pub(crate) account_id: AccountId,
    pub(crate) server_id: ServerId,
    pub(crate) policy_id: PolicyId,
    pub(crate) grant_id: GrantId,
    pub(crate) token: String,
    pub(crate) refreshes: Arc<Refresher>,
    pub(crate) shutdown: CancellationToken,
    _dir: tempfile::TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn code(&self) -> i64 {
        self.json()["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {}", self.text))
    }

    /// The decision that a refused call carries.
    pub(crate) fn decision(&self) -> Value {
        self.json()["result"]["_meta"]["ostiary/decision"].clone()
    }

    pub(crate) fn session(&self) -> String {
        self.headers["mcp-session-id"].to_str().expect("text").to_owned()
    }
}

#[derive(Debug)]
pub(crate) struct Refresher {
    store: SqliteStore,
    epochs: Arc<Epochs>,
    found: &'static [&'static str],
    reading: Duration,
    pub(crate) count: AtomicUsize,
    pub(crate) observed: AtomicUsize,
}

#[async_trait]
impl InventoryRefresher for Refresher {
    async fn refresh(&self, account_id: AccountId, server_id: ServerId) -> Result<(), RefreshError> {
        self.count.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.reading).await;
        let tools: Vec<Tool> = self.found.iter().map(|name| tool(server_id, name)).collect();
        let mut transaction = self.store.begin().await.expect("begin");
        transaction.replace_tools(account_id, server_id, &tools, Utc::now()).await.expect("tools");
        transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
        self.epochs.advance(account_id);
        Ok(())
    }

    async fn observe(&self, server: &Server, definitions: &[Value]) -> Result<(), RefreshError> {
        let seen = definitions.iter().map(|definition| {
            let name = definition["name"].as_str().expect("a name");
            let fingerprint = tool_fingerprint(definition);
            Tool { definition: definition.clone(), fingerprint, ..tool(server.id, name) }
        });
        let seen: Vec<Tool> = seen.collect();
        self.observed.fetch_add(seen.len(), Ordering::SeqCst);
        tokio::time::sleep(self.reading).await;
        let mut transaction = self.store.begin().await.expect("begin");
        transaction.put_tools(server.account_id, server.id, &seen).await.expect("tools");
        transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
        self.epochs.advance(server.account_id);
        Ok(())
    }
}

pub(crate) fn tool(server_id: ServerId, name: &str) -> Tool {
    Tool {
        server_id,
        name: name.to_owned(),
        fingerprint: tool_fingerprint(&super::upstream::tool(name)),
        accepted_fingerprint: tool_fingerprint(&super::upstream::tool(name)),
        definition: super::upstream::tool(name),
        computed_category: Category::Other,
        computed_risk: Category::Other.risk(),
        overridden: None,
        first_seen_at: Utc::now(),
        last_seen_at: Utc::now(),
        gone_at: None,
    }
}

pub(crate) fn grant(account_id: AccountId, bindings: Vec<Binding>) -> Grant {
    Grant {
        id: GrantId::generate(),
        account_id,
        label: Label::parse("agent").expect("label"),
        bindings,
        metadata: json!({ "team": "red" }),
        token_hint: "abcd".into(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        revision: 1,
        created_at: Utc::now(),
    }
}

fn server(account_id: AccountId, url: &str, keyring: &Keyring, headers: &[(&str, &str)]) -> Server {
    let id = ServerId::generate();
    let headers: Vec<UpstreamHeader> =
        headers.iter().map(|(name, value)| UpstreamHeader::parse(name, value).expect("header")).collect();
    let auth: UpstreamAuth = Credentials::new(keyring.sealer(Purpose::UpstreamCredentials)).seal(id, &headers);
    Server {
        id,
        account_id,
        slug: Slug::parse("pay").expect("slug"),
        name: Name::parse("Pay").expect("name"),
        url: url.parse().expect("url"),
        auth,
        on_tool_change: OnToolChange::Quarantine,
        on_limits_unavailable: OnLimitsUnavailable::Deny,
        identity: ServerIdentity::default(),
        inventory: InventoryState::default(),
        revision: 1,
        created_at: Utc::now(),
        updated_at: Utc::now(),
    }
}

impl World {
    pub(crate) async fn start(url: &str, plan: Plan) -> Self {
        let dir = tempfile::tempdir().expect("directory");
        let store = SqliteStore::open(&PathBuf::from(dir.path()).join("ostiary.db")).await.expect("store");
        let keyring = Keyring::new(&SecretKey::generate());
        let account = Account {
            id: AccountId::generate(),
            slug: Slug::parse("acme").expect("slug"),
            name: Name::parse("Acme").expect("name"),
            created_at: Utc::now(),
            updated_at: Utc::now(),
            delete_at: None,
            plan: ostiary_model::PlanName::standard(),
        };
        let server = server(account.id, url, &keyring, plan.headers);
        let policy = Policy {
            id: PolicyId::generate(),
            account_id: account.id,
            server_id: server.id,
            name: Name::parse("rules").expect("name"),
            version: version(1, plan.policy.unwrap_or(ALLOW_ALL)),
            created_at: Utc::now(),
        };
        let policy_id = plan.policy.map(|_| policy.id);
        let grant = grant(account.id, vec![Binding { server_id: server.id, policy_id, mode: plan.mode }]);
        let token = Token::mint(TokenKind::Grant);
        let tools: Vec<Tool> = plan.tools.iter().map(|name| tool(server.id, name)).collect();
        let mut transaction = store.begin().await.expect("begin");
        transaction.create_account(&account).await.expect("account");
        transaction.create_server(&server).await.expect("server");
        transaction.replace_tools(account.id, server.id, &tools, Utc::now()).await.expect("tools");
        transaction.create_policy(&policy).await.expect("policy");
        transaction.create_grant(&grant, token.hash().as_bytes()).await.expect("grant");
        transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");

        let epochs = Arc::new(Epochs::new());
        let refreshes = Arc::new(Refresher {
            store: store.clone(),
            epochs: Arc::clone(&epochs),
            found: plan.found,
            reading: plan.reading,
            count: AtomicUsize::new(0),
            observed: AtomicUsize::new(0),
        });
        let tasks = TaskTracker::new();
        let admission = EmbeddedAdmission::start(
            plan.log.unwrap_or_else(|| Arc::new(store.clone())),
            Arc::clone(&plan.clock),
            Arc::clone(&epochs),
            EmbeddedConfig { linger: Duration::from_millis(1), ..EmbeddedConfig::default() },
            &tasks,
            CancellationToken::new(),
        );
        let guard = Guard::new(EgressPolicy::public_only().with_loopback());
        let shutdown = CancellationToken::new();
        let parts = GatewayParts {
            config: plan.config,
            store: Arc::new(store.clone()),
            admission: admission.await.expect("admission"),
            epochs: Arc::clone(&epochs),
            keyring,
            upstream: UpstreamClient::new(guard, &UpstreamSettings::default()).expect("client"),
            refresher: Arc::clone(&refreshes) as _,
            proxies: TrustedProxies::default(),
            mailbox: plan.mailbox,
            clock: plan.clock,
            shutdown: shutdown.clone(),
        };
        Self {
            gateway: Gateway::new(parts.clone()),
            parts,
            store,
            epochs,
            account_id: account.id,
            server_id: server.id,
            policy_id: policy.id,
            grant_id: grant.id,
            token: token.reveal().to_owned(),
            refreshes,
            shutdown,
            _dir: dir,
        }
    }

    /// Another gateway over the same things, as it would be in another process.
    pub(crate) fn replica(&self) -> Gateway {
        Gateway::new(self.parts.clone())
    }

    /// A request with the grant's token and everything that a client sends.
    pub(crate) fn request(&self, method: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
        Request::builder()
            .method(method)
            .uri("/mcp/acme/pay")
            .header("host", "127.0.0.1:8080")
            .header("authorization", format!("Bearer {}", self.token))
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .body(Full::new(body.into()))
            .expect("request")
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        whole(self.gateway.call(request).await).await
    }

    pub(crate) async fn post(&self, session: &str, body: &Value) -> Answer {
        self.send(self.post_request(session, body)).await
    }

    pub(crate) fn post_request(&self, session: &str, body: &Value) -> Request<Full<Bytes>> {
        let mut request = self.request("POST", body.to_string());
        if !session.is_empty() {
            request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
        }
        request
    }

    pub(crate) async fn initialize(&self, version: &str) -> Answer {
        let params = json!({
            "protocolVersion": version,
            "capabilities": { "roots": {}, "tasks": {} },
            "clientInfo": { "name": "test-client", "version": "9" },
        });
        self.post("", &json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params })).await
    }

    /// The id of a new session.
    pub(crate) async fn session(&self) -> String {
        self.initialize("2025-11-25").await.session()
    }

    pub(crate) async fn call_tool(&self, session: &str, name: &str, arguments: &Value) -> Answer {
        let params = json!({ "name": name, "arguments": arguments });
        self.post(session, &json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params })).await
    }

    /// A request of the modern era with everything that it must carry; `params` may have more.
    pub(crate) fn modern_request(&self, method: &str, params: &Value) -> Request<Full<Bytes>> {
        let mut params = params.clone();
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
            "io.modelcontextprotocol/clientInfo": { "name": "modern-client", "version": "2" },
        });
        for (key, value) in meta.as_object().expect("an object") {
            if params["_meta"].get(key).is_none() {
                params["_meta"][key] = value.clone();
            }
        }
        let body = json!({ "jsonrpc": "2.0", "id": "m-1", "method": method, "params": params });
        let mut request = self.request("POST", body.to_string());
        let headers = request.headers_mut();
        headers.insert("mcp-protocol-version", "2026-07-28".parse().expect("header"));
        headers.insert("mcp-method", method.parse().expect("header"));
        if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
            headers.insert("mcp-name", name.parse().expect("header"));
        }
        request
    }

    pub(crate) async fn modern(&self, method: &str, params: Value) -> Answer {
        self.send(self.modern_request(method, &params)).await
    }

    /// Saves a version of the policy as the API does: committed, then the epoch moved.
    pub(crate) async fn edit_policy(&self, number: i64, document: &str) {
        let mut transaction = self.store.begin().await.expect("begin");
        let version = version(number, document);
        transaction.create_policy_version(self.account_id, self.policy_id, &version).await.expect("version");
        transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
        self.epochs.advance(self.account_id);
    }

    /// What the server said of itself when it was read, as the API writes it.
    pub(crate) async fn remember(&self, identity: &ServerIdentity, offered: &[(EntryKind, &[&str])]) {
        let mut transaction = self.store.begin().await.expect("begin");
        let mut inventory = InventoryState { read_at: Some(Utc::now()), ..InventoryState::default() };
        for (kind, keys) in offered {
            let entries = keys.iter().map(|key| InventoryEntry {
                server_id: self.server_id,
                kind: *kind,
                key: (*key).to_owned(),
                definition: json!({ "name": key }),
                first_seen_at: Utc::now(),
                last_seen_at: Utc::now(),
            });
            let entries: Vec<InventoryEntry> = entries.collect();
            transaction.replace_entries(self.account_id, self.server_id, *kind, &entries).await.expect("entries");
            let read_at = Some(Utc::now());
            inventory.lists.insert(*kind, ListState { count: 1, read_at, error: None });
        }
        let updated = transaction.update_server_inventory(self.account_id, self.server_id, identity, &inventory).await;
        updated.expect("server");
        transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
        self.epochs.advance(self.account_id);
    }

    pub(crate) async fn revoke(&self) {
        let mut transaction = self.store.begin().await.expect("begin");
        transaction.revoke_grant(self.account_id, self.grant_id, Utc::now()).await.expect("revoke");
        transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
        self.epochs.advance(self.account_id);
    }

    /// The log, the newest first.
    pub(crate) async fn decisions(&self) -> Vec<Decision> {
        let page = PageRequest { limit: 100, after: None };
        self.store.list_decisions(self.account_id, &DecisionFilter::default(), page).await.expect("decisions").items
    }

    /// The log's one record, once its ending is known.
    pub(crate) async fn ended(&self) -> Decision {
        for _ in 0..500 {
            if let [decision] = self.decisions().await.as_slice()
                && decision.ending.is_some()
            {
                return decision.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no ending: {:?}", self.decisions().await);
    }
}

fn version(number: i64, document: &str) -> PolicyVersion {
    PolicyVersion {
        number,
        document: document.to_owned(),
        rolled_back_to: None,
        created_by: "test".to_owned(),
        created_at: Utc::now(),
    }
}

/// Reads an answer to its end.
pub(crate) async fn whole(response: Response<Body>) -> Answer {
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.expect("a whole body").to_bytes();
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    Answer { status: head.status, headers: head.headers, text }
}
