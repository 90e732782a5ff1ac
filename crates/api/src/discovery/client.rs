//! The MCP client that reads inventories.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use ostiary_egress::{ControlClient, EgressError};
use ostiary_model::EntryKind;
use ostiary_model::server::ServerIdentity;
use serde_json::{Value, json};
use url::Url;

use super::exchange::{Exchange, Reply, STATELESS, client_info};
use super::pages::Pages;
use super::{Discovered, DiscoveredTool, DiscoveryError, ListReading, ReadInventory, blocked, entries};

/// Revisions with sessions that the gateway can carry calls in.
const CARRIED: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];
/// Most characters that are kept of a text in which a server speaks of itself.
const MAX_TEXT: usize = 8 * 1024;

/// Bounds of one reading.
#[derive(Clone, Copy, Debug)]
pub struct DiscoverySettings {
    /// How long it may take up to the last tool.
    pub timeout: Duration,
    /// How long each of the other lists may take behind that.
    pub list_timeout: Duration,
    /// Most bytes of all answers.
    pub max_bytes: usize,
    /// Most tools.
    pub max_tools: usize,
    /// Most entries of each of the other lists.
    pub max_entries: usize,
    /// Most pages of a list.
    pub max_pages: usize,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(20),
            list_timeout: Duration::from_secs(5),
            max_bytes: 32 * 1024 * 1024,
            max_tools: 10_000,
            max_entries: 10_000,
            max_pages: 500,
        }
    }
}

/// Reads inventories over Streamable HTTP, behind the egress guard.
#[derive(Clone, Debug)]
pub struct McpInventory {
    control: ControlClient,
    settings: DiscoverySettings,
}

impl McpInventory {
    /// With a guarded client.
    #[must_use]
    pub const fn new(control: ControlClient, settings: DiscoverySettings) -> Self {
        Self { control, settings }
    }

    async fn read_all(&self, url: &Url, headers: HeaderMap) -> Result<Discovered, DiscoveryError> {
        let client = self.control.client_for(url).map_err(|error| match error {
            EgressError::Blocked(reason) => blocked(reason),
            _ => DiscoveryError::Unreachable,
        })?;
        let post = |headers: HeaderMap, body: String| client.post(url.clone()).headers(headers).body(body).send();
        let mut exchange = Exchange::new(post, headers, self.settings.max_bytes);

        let reading = self.read_tools(&mut exchange);
        let read = tokio::time::timeout(self.settings.timeout, reading).await;
        let (result, version, tools) = read.unwrap_or(Err(DiscoveryError::Timeout))?;
        let mut lists = BTreeMap::new();
        for kind in EntryKind::ALL.iter().copied() {
            let DiscoverySettings { max_entries, max_pages, list_timeout, .. } = self.settings;
            let reading = entries::read(&mut exchange, result.get("capabilities"), kind, max_entries, max_pages);
            let read = tokio::time::timeout(list_timeout, reading).await;
            lists.insert(kind, read.unwrap_or(ListReading::Failed(DiscoveryError::Timeout)));
        }
        // A session that nobody ends is kept by the server for a while; that it does not let us end it is its affair.
        if let Some(headers) = exchange.farewell() {
            let _ = client.delete(url.clone()).headers(headers).timeout(Duration::from_secs(2)).send().await;
        }
        Ok(Discovered { identity: identity(&result, &version), tools, lists })
    }
}

impl McpInventory {
    /// What a server says of itself, the revision it is spoken to in, and its tools.
    async fn read_tools<P, F>(
        &self,
        exchange: &mut Exchange<P>,
    ) -> Result<(Value, String, Vec<DiscoveredTool>), DiscoveryError>
    where
        P: Fn(HeaderMap, String) -> F,
        F: Future<Output = Result<reqwest::Response, reqwest::Error>>,
    {
        let (result, version) = match discover(exchange).await? {
            Some(result) => (result, STATELESS.to_owned()),
            None => initialize(exchange).await?,
        };
        let mut pages = Pages::new(self.settings.max_tools, self.settings.max_pages);
        if result.pointer("/capabilities/tools").is_some() {
            while let Some(params) = pages.next_params()? {
                match exchange.request("tools/list", params).await? {
                    Reply::Result(page) => pages.take(page)?,
                    Reply::Error { .. } => {
                        return Err(DiscoveryError::Garbage { reason: "it refuses to list its tools" });
                    }
                }
            }
        }
        Ok((result, version, pages.into_tools()))
    }
}

/// Asks a server of the stateless revision what it is; none when it is not one. Servers of the revisions before answer
/// such a question in many ways, all of them errors.
async fn discover<P, F>(exchange: &mut Exchange<P>) -> Result<Option<Value>, DiscoveryError>
where
    P: Fn(HeaderMap, String) -> F,
    F: Future<Output = Result<reqwest::Response, reqwest::Error>>,
{
    exchange.speak_stateless(true);
    let mut answer = exchange.request("server/discover", json!({})).await;
    if matches!(answer, Ok(Reply::Error { asks_for_stateless: true, .. })) {
        answer = exchange.request("server/discover", json!({})).await;
    }
    let found = match answer {
        Ok(Reply::Result(result)) => {
            let versions = result.get("supportedVersions").and_then(Value::as_array);
            versions.is_some_and(|versions| versions.iter().any(|version| version == STATELESS)).then_some(result)
        }
        Ok(Reply::Error { .. })
        | Err(DiscoveryError::NotMcp | DiscoveryError::HttpError { .. } | DiscoveryError::Garbage { .. }) => None,
        Err(error) => return Err(error),
    };
    if found.is_none() {
        exchange.speak_stateless(false);
    }
    Ok(found)
}

/// Begins a session with a server of the revisions before; answers what it says of itself, and the revision it chose.
async fn initialize<P, F>(exchange: &mut Exchange<P>) -> Result<(Value, String), DiscoveryError>
where
    P: Fn(HeaderMap, String) -> F,
    F: Future<Output = Result<reqwest::Response, reqwest::Error>>,
{
    let result = match exchange.request("initialize", initialize_params()).await? {
        Reply::Result(result) => result,
        Reply::Error { code: UNSUPPORTED_VERSION, .. } => return Err(NOT_CARRIED),
        Reply::Error { .. } => return Err(DiscoveryError::Garbage { reason: "it refuses to initialize" }),
    };
    let version = session_revision(&result)?;
    exchange.agree_on(&version);
    exchange.notify("notifications/initialized").await?;
    Ok((result, version))
}

/// The revision that a server chose for a session.
pub(super) fn session_revision(result: &Value) -> Result<String, DiscoveryError> {
    let version = result.get("protocolVersion").and_then(Value::as_str).ok_or(DiscoveryError::NotMcp)?;
    if CARRIED.contains(&version) { Ok(version.to_owned()) } else { Err(NOT_CARRIED) }
}

const NOT_CARRIED: DiscoveryError =
    DiscoveryError::Garbage { reason: "it speaks only protocol revisions that the gateway does not carry" };
/// The error code with which servers of newer revisions refuse `initialize`.
const UNSUPPORTED_VERSION: i64 = -32022;

pub(super) fn initialize_params() -> Value {
    json!({
        "protocolVersion": CARRIED[0],
        "capabilities": {},
        "clientInfo": client_info(),
    })
}

pub(super) fn identity(result: &Value, version: &str) -> ServerIdentity {
    let text = |pointer: &str| {
        let text = result.pointer(pointer).and_then(Value::as_str);
        text.map(|text| text.chars().take(MAX_TEXT).collect::<String>())
    };
    // The stateless revision has it in `_meta`, under a name with a slash.
    let stateless = |name: &str| text(&format!("/_meta/io.modelcontextprotocol~1serverInfo/{name}"));
    ServerIdentity {
        name: text("/serverInfo/name").or_else(|| stateless("name")),
        version: text("/serverInfo/version").or_else(|| stateless("version")),
        protocol_version: Some(version.to_owned()),
        instructions: text("/instructions"),
        capabilities: result.get("capabilities").filter(|found| is_kept(found)).cloned(),
    }
}

/// Whether capabilities are such, and of a size that is worth keeping.
fn is_kept(capabilities: &Value) -> bool {
    capabilities.is_object() && capabilities.to_string().len() <= MAX_TEXT
}

#[async_trait]
impl ReadInventory for McpInventory {
    async fn read(&self, url: &Url, headers: HeaderMap) -> Result<Discovered, DiscoveryError> {
        self.read_all(url, headers).await
    }
}
