//! An installation in a temporary directory, and callers with their credentials.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use chrono::Utc;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use ostiary_api::discovery::{Discovered, DiscoveredTool, DiscoveryError, ReadInventory};
use ostiary_api::freshness::{FreshnessError, NotPreparedError};
use ostiary_api::{ApiParts, ApiSettings, ApiState, CallsInFlight, Freshness, Mail, MailError, SendMail};
use ostiary_auth::{
    Credentials, Devices, Halfway, Keyring, PasswordSettings, Passwords, Purpose, SecretKey, SessionTokens,
};
use ostiary_model::decision::{Decision, Outcome};
use ostiary_model::server::ServerIdentity;
use ostiary_model::{AccountId, Clock, DecisionId, ManualClock, Mode};
use ostiary_storage::{DecisionLog, LogBatch};
use ostiary_storage_sqlite::SqliteStore;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{RwLock, RwLockWriteGuard};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use url::Url;

pub(crate) const PASSWORD: &str = "kettle-orbit-94";

#[derive(Debug, Default)]
pub(crate) struct Counted {
    advances: AtomicU64,
    /// How long one takes, in milliseconds.
    delay_ms: AtomicU64,
    /// Whether changes are refused before they are made.
    is_unprepared: AtomicBool,
    /// Whether nobody hears of changes that were made.
    is_unheard: AtomicBool,
}

#[async_trait]
impl Freshness for Counted {
    async fn prepare(&self, _: AccountId) -> Result<(), NotPreparedError> {
        if self.is_unprepared.load(Ordering::SeqCst) { Err(NotPreparedError) } else { Ok(()) }
    }

    async fn advance(&self, _: AccountId) -> Result<(), FreshnessError> {
        if self.is_unheard.load(Ordering::SeqCst) {
            return Err(FreshnessError);
        }
        tokio::time::sleep(Duration::from_millis(self.delay_ms.load(Ordering::SeqCst))).await;
        self.advances.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Servers that exist in a test, by URL; the headers that the last reading sent.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    answers: Mutex<HashMap<String, Result<Discovered, DiscoveryError>>>,
    sent: Mutex<HeaderMap>,
    pause: RwLock<()>,
}

impl Servers {
    /// Has servers answer only after the guard is dropped.
    pub(crate) async fn pause(&self) -> RwLockWriteGuard<'_, ()> {
        self.pause.write().await
    }

    pub(crate) fn answer(&self, url: &str, answer: Result<Discovered, DiscoveryError>) {
        self.answers.lock().expect("not poisoned").insert(url.to_owned(), answer);
    }

    pub(crate) fn sent(&self) -> HeaderMap {
        self.sent.lock().expect("not poisoned").clone()
    }
}

#[async_trait]
impl ReadInventory for Servers {
    async fn read(&self, url: &Url, headers: HeaderMap) -> Result<Discovered, DiscoveryError> {
        let _answering = self.pause.read().await;
        *self.sent.lock().expect("not poisoned") = headers;
        let answers = self.answers.lock().expect("not poisoned");
        answers.get(url.as_str()).cloned().unwrap_or(Err(DiscoveryError::Unreachable))
    }
}

pub(crate) fn offers(tools: &[&str]) -> Result<Discovered, DiscoveryError> {
    let tools = tools.iter().map(|name| DiscoveredTool {
        name: (*name).to_owned(),
        definition: json!({"name": name, "description": "Does it.", "inputSchema": {"type": "object"}}),
    });
    let identity = ServerIdentity { name: Some("demo".to_owned()), ..ServerIdentity::default() };
    Ok(Discovered { identity, tools: tools.collect(), lists: BTreeMap::new() })
}

/// How many calls are in flight of which account; of one that is not named nobody can say.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<HashMap<AccountId, u64>>);

impl InFlight {
    pub(crate) fn set(&self, account_id: AccountId, calls: u64) {
        self.0.lock().expect("not poisoned").insert(account_id, calls);
    }
}

#[async_trait]
impl CallsInFlight for InFlight {
    async fn calls_in_flight(&self, account_id: AccountId) -> Option<u64> {
        self.0.lock().expect("not poisoned").get(&account_id).copied()
    }
}

/// Mail that was sent.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    sent: Mutex<Vec<Mail>>,
    fails: AtomicBool,
}

#[async_trait]
impl SendMail for Outbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(MailError("refused".to_owned()));
        }
        self.sent.lock().expect("not poisoned").push(mail);
        Ok(())
    }
}

impl Outbox {
    /// Makes every mail from now on fail.
    pub(crate) fn fail(&self) {
        self.fails.store(true, Ordering::SeqCst);
    }

    /// How many mails an address has got about a page.
    pub(crate) fn count(&self, to: &str, page: &str) -> usize {
        let sent = self.sent.lock().expect("not poisoned");
        sent.iter().filter(|mail| mail.to.as_str() == to && mail.text.contains(&format!("/{page}#"))).count()
    }

    /// The token in the newest mail to an address that leads to a page; waits for it, since some are sent later.
    pub(crate) async fn token(&self, to: &str, page: &str) -> String {
        for _ in 0..500 {
            if let Some(token) = self.find(to, page) {
                return token;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no mail to {to} with a link to {page}")
    }

    fn find(&self, to: &str, page: &str) -> Option<String> {
        let sent = self.sent.lock().expect("not poisoned");
        sent.iter().rev().filter(|mail| mail.to.as_str() == to).find_map(|mail| {
            let (_, rest) = mail.text.split_once(&format!("/{page}#"))?;
            rest.split_whitespace().next().map(str::to_owned)
        })
    }
}

pub(crate) const URL: &str = "https://mcp.example.com/mcp";

#[derive(Debug)]
pub(crate) struct World {
    router: Router,
    pub(crate) state: ApiState,
    pub(crate) store: SqliteStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) servers: Arc<Servers>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) in_flight: Arc<InFlight>,
    freshness: Arc<Counted>,
    _directory: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::made(true, |_| {}).await
    }

    /// An installation that sends no mail.
    pub(crate) async fn without_mail() -> Self {
        Self::made(false, |_| {}).await
    }

    /// With settings of its own.
    pub(crate) async fn with(change: impl FnOnce(&mut ApiSettings)) -> Self {
        Self::made(true, change).await
    }

    async fn made(mail: bool, change: impl FnOnce(&mut ApiSettings)) -> Self {
        let directory = TempDir::new().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("ostiary.db")).await.expect("a store");
        let keyring = Keyring::new(&SecretKey::generate());
        let clock = Arc::new(ManualClock::new(Utc::now()));
        let (servers, freshness) = (Arc::new(Servers::default()), Arc::new(Counted::default()));
        let outbox = Arc::new(Outbox::default());
        let in_flight = Arc::new(InFlight::default());
        servers.answer(URL, offers(&["create_session", "delete_user", "list_users"]));
        let mut settings = ApiSettings::new("http://127.0.0.1:8080".parse().expect("a URL"));
        settings.stream_interval = Duration::from_millis(10);
        change(&mut settings);
        let cheap = PasswordSettings { memory_kib: 64, passes: 1, concurrent: 2, patience: Duration::from_secs(20) };
        let state = ApiState::new(ApiParts {
            settings,
            store: Arc::new(store.clone()),
            freshness: Arc::clone(&freshness) as Arc<dyn Freshness>,
            in_flight: Some(Arc::clone(&in_flight) as Arc<dyn CallsInFlight>),
            inventory: Arc::clone(&servers) as Arc<dyn ReadInventory>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            passwords: Passwords::new(cheap),
            session_tokens: SessionTokens::new(keyring.session_keys()),
            halfway: Halfway::new(keyring.sealer(Purpose::Halfway)),
            totp_sealer: keyring.sealer(Purpose::Totp),
            devices: Devices::new(keyring.sealer(Purpose::Device)),
            mail: mail.then(|| Arc::clone(&outbox) as Arc<dyn SendMail>),
            provider: None,
            errands: keyring.sealer(Purpose::Errand),
            credentials: Credentials::new(keyring.sealer(Purpose::UpstreamCredentials)),
            answers: keyring.sealer(Purpose::StoredAnswers),
            shutdown: CancellationToken::new(),
        });
        Self {
            router: ostiary_api::router(state.clone()),
            state,
            store,
            clock,
            servers,
            outbox,
            in_flight,
            freshness,
            _directory: directory,
        }
    }

    /// What day it is, as the API writes it.
    pub(crate) fn clock_date(&self) -> String {
        self.clock.now().date_naive().to_string()
    }

    /// How often caches were told of a change.
    pub(crate) fn advances(&self) -> u64 {
        self.freshness.advances.load(Ordering::SeqCst)
    }

    /// Makes it take a while until caches are told of a change.
    pub(crate) fn slow_down(&self, delay: Duration) {
        let delay_ms = u64::try_from(delay.as_millis()).expect("short");
        self.freshness.delay_ms.store(delay_ms, Ordering::SeqCst);
    }

    /// Has changes fail before they are made.
    pub(crate) fn refuse_changes(&self, yes: bool) {
        self.freshness.is_unprepared.store(yes, Ordering::SeqCst);
    }

    /// Has changes fail after they are made.
    pub(crate) fn ignore_changes(&self, yes: bool) {
        self.freshness.is_unheard.store(yes, Ordering::SeqCst);
    }

    pub(crate) fn nobody(&self) -> Caller<'_> {
        Caller { world: self, credential: None }
    }

    /// A new user with an account of their own, signed in.
    pub(crate) async fn sign_up(&self, email: &str, account: &str) -> Caller<'_> {
        let body = json!({"email": email, "password": PASSWORD, "account_name": account});
        let answer = self.nobody().post("/auth/sign-up", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        Caller { world: self, credential: Some((header::COOKIE, answer.cookie())) }
    }

    /// A new user who is a member of the caller's account, signed in.
    pub(crate) async fn join(&self, inviter: &Caller<'_>, email: &str, role: &str) -> Caller<'_> {
        let body = json!({"email": email, "role": role});
        let invited = inviter.post("/invitations", &body).await.expect(StatusCode::CREATED);
        let token = match invited["link"].as_str() {
            Some(link) => link.split_once('#').expect("a token").1.to_owned(),
            None => self.outbox.token(email, "accept").await,
        };
        let body = json!({"token": token, "password": PASSWORD});
        let answer = self.nobody().post("/invitations/accept", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        self.with_cookie(&answer.cookie())
    }

    pub(crate) fn with_key(&self, key: &str) -> Caller<'_> {
        Caller { world: self, credential: Some((header::AUTHORIZATION, format!("Bearer {key}"))) }
    }

    pub(crate) fn with_cookie(&self, cookie: &str) -> Caller<'_> {
        Caller { world: self, credential: Some((header::COOKIE, cookie.to_owned())) }
    }

    /// Puts a decision into the log, as the gateway would.
    pub(crate) async fn record(&self, decision: Decision) {
        let batch = LogBatch { decisions: vec![decision], ..LogBatch::default() };
        self.store.commit(&batch).await.expect("recorded");
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("a router never fails");
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.expect("a body").to_bytes().to_vec()).expect("UTF-8");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body, text }
    }

    /// Sends a request whose answer does not end.
    pub(crate) async fn open(&self, request: Request<Body>) -> http::Response<Body> {
        self.router.clone().oneshot(request).await.expect("a router never fails")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Caller<'a> {
    world: &'a World,
    credential: Option<(header::HeaderName, String)>,
}

impl Caller<'_> {
    pub(crate) const fn world(&self) -> &World {
        self.world
    }

    /// The session's cookie.
    pub(crate) fn cookie(&self) -> String {
        self.credential.as_ref().expect("a credential").1.clone()
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if let Some((name, value)) = &self.credential {
            request = request.header(name, value);
        }
        request
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>, if_match: Option<&str>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(tag) = if_match {
            request = request.header(header::IF_MATCH, tag);
        }
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.world.send(request.expect("a request")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body), None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body), None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None, None).await
    }

    /// A registered server; its id.
    pub(crate) async fn server(&self) -> String {
        let answer = self.post("/servers", &json!({"name": "Demo", "url": URL})).await;
        answer.expect(StatusCode::CREATED)["id"].as_str().expect("an id").to_owned()
    }

    /// A policy on a server; its id.
    pub(crate) async fn policy(&self, server: &str, document: &Value) -> String {
        let body = json!({"server_id": server, "name": "First", "document": document});
        self.post("/policies", &body).await.expect(StatusCode::CREATED)["id"].as_str().expect("an id").to_owned()
    }

    /// A grant for a server; the answer with its token.
    pub(crate) async fn grant(&self, server: &str, policy: Option<&str>) -> Value {
        let body = json!({"label": "Agent", "bindings": [{"server_id": server, "policy_id": policy}]});
        self.post("/grants", &body).await.expect(StatusCode::CREATED)
    }

    /// A key with a role; the key itself.
    pub(crate) async fn key(&self, role: &str) -> String {
        let answer = self.post("/api-keys", &json!({"label": role, "role": role})).await;
        answer.expect(StatusCode::CREATED)["key"].as_str().expect("a key").to_owned()
    }

    pub(crate) async fn account_id(&self) -> AccountId {
        let me = self.get("/me").await.expect(StatusCode::OK);
        me["account"]["id"].as_str().expect("an id").parse().expect("an id")
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// Checks that the answer is the problem of a code.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.body["code"], code);
        assert_eq!(self.body["status"], status);
        self.body
    }

    /// Checks that the answer is 422 with exactly these failures.
    #[track_caller]
    pub(crate) fn expect_errors(self, expected: &[(&str, &str)]) {
        let body = self.expect_problem(422, "invalid_input");
        let errors = body["errors"].as_array().expect("errors").iter();
        let mut found: Vec<_> = errors
            .map(|error| (error["pointer"].as_str().expect("text"), error["code"].as_str().expect("text")))
            .collect();
        found.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    pub(crate) fn cookie(&self) -> String {
        let value = self.headers[header::SET_COOKIE].to_str().expect("text");
        value.split(';').next().expect("a pair").to_owned()
    }
}

/// A record of a call of a tool by a grant.
pub(crate) fn decision(
    account_id: AccountId,
    server: &str,
    grant: &str,
    target: &str,
    clock: &ManualClock,
) -> Decision {
    Decision {
        id: DecisionId::generate(),
        time: clock.now(),
        account_id,
        server_id: server.parse().expect("an id"),
        server_slug: "demo".to_owned(),
        grant_id: grant.parse().expect("an id"),
        grant_label: "Agent".to_owned(),
        session: None,
        client_name: Some("=client".to_owned()),
        client_version: None,
        protocol_version: Some("2025-11-25".to_owned()),
        method: "tools/call".to_owned(),
        target: Some(target.to_owned()),
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
        bytes_in: 10,
        gateway_us: 100,
        ending: None,
    }
}
