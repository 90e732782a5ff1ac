//! An agent that behaves as agents do: it calls, leaves in the middle, reads slowly, and listens for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    /// A call, to its end.
    Calls,
    /// A list, to its end.
    Lists,
    /// A call that is streamed, to its end.
    Streams,
    /// A call that it leaves before the answer is there.
    Leaves,
    /// A call that it says it does not want any more, and leaves.
    Cancels,
    /// A large answer, read slowly to its end.
    ReadsSlowly,
    /// A large answer, of which it reads the beginning.
    ReadsALittle,
    /// A call whose upstream dies in the middle of the answer.
    IsLetDown,
    /// The session's stream, for a while.
    Listens,
}

impl Deed {
    pub(super) const ALL: [Self; 9] = [
        Self::Calls,
        Self::Lists,
        Self::Streams,
        Self::Leaves,
        Self::Cancels,
        Self::ReadsSlowly,
        Self::ReadsALittle,
        Self::IsLetDown,
        Self::Listens,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Lists => "lists",
            Self::Streams => "streamed calls",
            Self::Leaves => "calls that were left",
            Self::Cancels => "calls that were cancelled",
            Self::ReadsSlowly => "answers of 4 MiB read slowly",
            Self::ReadsALittle => "answers of 4 MiB left in the middle",
            Self::IsLetDown => "calls whose upstream died",
            Self::Listens => "streams of sessions",
        }
    }
}

/// How often each thing was done, and what did not go as it should.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds {
    done: BTreeMap<Deed, u64>,
    broken: BTreeMap<String, u64>,
    /// What was done or tried at a server that dies now and then.
    at_the_dying: u64,
}

impl Deeds {
    pub(super) fn tried_at_the_dying(&mut self) {
        self.at_the_dying += 1;
    }

    pub(super) const fn at_the_dying(&self) -> u64 {
        self.at_the_dying
    }

    pub(super) fn did(&mut self, deed: Deed) {
        *self.done.entry(deed).or_default() += 1;
    }

    pub(super) fn broke(&mut self, what: impl Into<String>) {
        *self.broken.entry(what.into()).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (deed, count) in &other.done {
            *self.done.entry(*deed).or_default() += count;
        }
        self.at_the_dying += other.at_the_dying;
        for (what, count) in &other.broken {
            *self.broken.entry(what.clone()).or_default() += count;
        }
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.done.iter().map(|(deed, count)| (deed.name(), *count))
    }

    pub(super) const fn unexpected(&self) -> &BTreeMap<String, u64> {
        &self.broken
    }
}

/// How an agent speaks, and where.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    /// In a session, to a server.
    Session,
    /// Without one, to a server.
    Stateless,
    /// In a session, to all servers of the account.
    AccountSession,
    /// Without one, to all servers of the account.
    AccountStateless,
}

impl Manner {
    pub(super) const ALL: [Self; 4] = [Self::Session, Self::Stateless, Self::AccountSession, Self::AccountStateless];

    pub(super) const fn is_of_account(self) -> bool {
        matches!(self, Self::AccountSession | Self::AccountStateless)
    }

    const fn is_stateless(self) -> bool {
        matches!(self, Self::Stateless | Self::AccountStateless)
    }
}

/// Where an agent goes.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) token: String,
    pub(super) manner: Manner,
    /// The server, whose tools are called by its name at the account's endpoint.
    pub(super) server: &'static str,
}

const MODERN: &str = "2026-07-28";

/// An agent.
#[derive(Debug)]
pub(super) struct Agent {
    http: Client,
    endpoint: Endpoint,
    session: String,
    next: u64,
}

impl Agent {
    /// Opens a session, if it speaks in one, on connections of its own.
    pub(super) async fn open(endpoint: &Endpoint) -> Option<Self> {
        let mut agent = Self { http: Client::new(), endpoint: endpoint.clone(), session: String::new(), next: 0 };
        if endpoint.manner.is_stateless() {
            return Some(agent);
        }
        let client = json!({"name": "trial", "version": "1.0.0"});
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        let answer = agent.post("initialize", &params).send().await.ok()?;
        agent.session = answer.headers().get("mcp-session-id")?.to_str().ok()?.to_owned();
        answer.bytes().await.ok()?;
        Some(agent)
    }

    /// Ends the session; answers whether that was taken.
    pub(super) async fn ends(self) -> bool {
        if self.endpoint.manner.is_stateless() {
            return true;
        }
        let answer = timeout(PATIENCE, self.request(Method::DELETE).send()).await;
        answer.is_ok_and(|answer| answer.is_ok_and(|answer| answer.status().is_success()))
    }

    /// Does one thing. `patience` is how long it waits before it leaves, where it leaves.
    pub(super) async fn does(&mut self, deed: Deed, patience: Duration) -> Result<(), String> {
        let done = timeout(PATIENCE, self.deed(deed, patience)).await;
        let done = done.unwrap_or_else(|_| Err("it takes for ever".to_owned()));
        done.map_err(|what| format!("{}: {what}", deed.name()))
    }

    async fn deed(&mut self, deed: Deed, patience: Duration) -> Result<(), String> {
        match deed {
            Deed::Calls => self.answered("tools/call", &self.tool("echo")).await,
            Deed::Lists => self.answered("tools/list", &json!({})).await,
            Deed::Streams => self.answered("tools/call", &self.tool("slow")).await,
            Deed::Leaves => {
                let call = self.post("tools/call", &self.tool("hang"));
                drop(timeout(patience, call.send()).await);
                Ok(())
            }
            Deed::Cancels => {
                let call = self.post("tools/call", &self.tool("slow"));
                let id = self.next;
                let leaving = async {
                    sleep(patience).await;
                    if self.endpoint.manner.is_stateless() {
                        // There leaving is what cancels.
                        return Ok(());
                    }
                    let params = json!({"requestId": id});
                    let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params});
                    self.request(Method::POST).json(&cancelled).send().await.map(drop).map_err(text)
                };
                let answer = tokio::select! {
                    answer = call.send() => answer.map_err(text)?,
                    left = leaving => return left,
                };
                drop(timeout(patience, answer.bytes()).await);
                Ok(())
            }
            Deed::ReadsSlowly => self.large(usize::MAX, Duration::from_millis(5)).await,
            Deed::ReadsALittle => self.large(4, patience / 8).await,
            Deed::IsLetDown => {
                let answer = self.post("tools/call", &self.tool("dies")).send().await;
                let answer = answer.map_err(text)?.text().await.map_err(text)?;
                if answer.contains("\"error\"") { Ok(()) } else { Err("no error".to_owned()) }
            }
            Deed::Listens => {
                let listening = if self.endpoint.manner.is_stateless() {
                    self.post("subscriptions/listen", &json!({"notifications": {"toolsListChanged": true}}))
                } else {
                    self.request(Method::GET)
                };
                let mut stream = listening.send().await.map_err(text)?;
                if stream.status() != 200 {
                    return Err(stream.status().to_string());
                }
                drop(timeout(patience, async { while let Ok(Some(_)) = stream.chunk().await {} }).await);
                Ok(())
            }
        }
    }

    /// Something whose answer has to be a result.
    async fn answered(&mut self, method: &str, params: &Value) -> Result<(), String> {
        let answer = self.post(method, params).send().await.map_err(text)?;
        let status = answer.status();
        let body = answer.text().await.map_err(text)?;
        if status == 200 && body.contains("\"result\"") { Ok(()) } else { Err(format!("{status}")) }
    }

    /// Reads so many pieces of a large answer, with a pause after each.
    async fn large(&mut self, pieces: usize, pause: Duration) -> Result<(), String> {
        let call = self.post("tools/call", &self.tool("large"));
        let mut answer: Response = call.send().await.map_err(text)?;
        for _ in 0..pieces {
            if answer.chunk().await.map_err(text)?.is_none() {
                break;
            }
            sleep(pause).await;
        }
        Ok(())
    }

    /// The params of a call without arguments.
    fn tool(&self, name: &str) -> Value {
        let server = self.endpoint.server;
        let is_of_account = self.endpoint.manner.is_of_account();
        let name = if is_of_account { format!("{server}__{name}") } else { name.to_owned() };
        json!({"name": name, "arguments": {}})
    }

    fn post(&mut self, method: &str, params: &Value) -> RequestBuilder {
        self.next += 1;
        let mut params = params.clone();
        let mut request = self.request(Method::POST);
        if self.endpoint.manner.is_stateless() {
            request = request.header("mcp-protocol-version", MODERN).header("mcp-method", method);
            if let Some(name) = params["name"].as_str() {
                request = request.header("mcp-name", name);
            }
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        request.json(&json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params}))
    }

    fn request(&self, method: Method) -> RequestBuilder {
        let request = self.http.request(method, &self.endpoint.url).bearer_auth(&self.endpoint.token);
        let request = request.header("accept", "application/json, text/event-stream");
        if self.session.is_empty() { request } else { request.header("mcp-session-id", &self.session) }
    }
}

fn text(error: reqwest::Error) -> String {
    // Without the address, so that the same faults count together.
    error.without_url().to_string()
}
