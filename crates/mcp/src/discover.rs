//! What a server is: as it says so in either era, and as clients of either era are told.

use std::borrow::Cow;

use crate::capability::initialize_result;
use crate::envelope::RequestId;
use crate::error::codes;
use crate::json;
use crate::modern::SERVER_INFO;
use crate::object::{EditError, object_in, once, quoted, with};
use crate::version::{Era, Revision, SPOKEN};

/// Capabilities that go by extension in the modern era and are not carried.
const NOT_CARRIED_EXTENSIONS: &[&str] = &["io.modelcontextprotocol/tasks"];

/// What a server says of itself; raw JSON throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFacts {
    /// Its capabilities, an object.
    pub capabilities: String,
    /// Name and version.
    pub server_info: Option<String>,
    /// A text for models.
    pub instructions: Option<String>,
}

impl ServerFacts {
    /// Reads the answer to `server/discover`; `None` when it is none, or names no revision of the modern era.
    #[must_use]
    pub fn of_discover(message: &[u8]) -> Option<Self> {
        let text = json::check(message).ok()?;
        let result = once(text, "result").ok()??;
        let versions = once(result, "supportedVersions").ok()??;
        let is_modern = |raw: &str| json::string(raw).is_some_and(|text| text == Revision::V2026_07_28.as_str());
        if !json::elements(versions).any(is_modern) {
            return None;
        }
        let meta = object_in(result, "_meta").ok()?;
        Self::read(result, once(meta, SERVER_INFO).ok()?)
    }

    /// Reads the answer to `initialize`, with the revision that the server chose.
    #[must_use]
    pub fn of_initialize(message: &[u8]) -> Option<(Self, Revision)> {
        let read = initialize_result(message)?;
        let revision = Revision::parse(&read.protocol_version).filter(|revision| revision.era() == Era::Legacy)?;
        let result = once(json::check(message).ok()?, "result").ok()??;
        Some((Self::read(result, read.server_info)?, revision))
    }

    fn read(result: &str, server_info: Option<&str>) -> Option<Self> {
        let capabilities = once(result, "capabilities").ok()?.filter(|raw| json::is_object(raw))?;
        let instructions = once(result, "instructions").ok()?.filter(|raw| json::string(raw).is_some());
        Some(Self {
            capabilities: capabilities.to_owned(),
            server_info: server_info.filter(|raw| json::is_object(raw)).map(str::to_owned),
            instructions: instructions.map(str::to_owned),
        })
    }

    /// What may be said of a server that cannot be asked: it is called this, and can what it could when it was last read,
    /// in raw JSON; where that is not known, it has tools.
    #[must_use]
    pub fn remembered(name: &str, version: &str, instructions: Option<&str>, capabilities: Option<String>) -> Self {
        Self {
            capabilities: capabilities.unwrap_or_else(|| r#"{"tools":{}}"#.to_owned()),
            server_info: Some(format!(r#"{{"name":{},"version":{}}}"#, quoted(name), quoted(version))),
            instructions: instructions.map(quoted),
        }
    }

    /// The answer to `server/discover`.
    #[must_use]
    pub fn discover(&self, id: RequestId<'_>, upstream: Era, ttl_ms: u64) -> Vec<u8> {
        let versions: Vec<String> = SPOKEN.iter().map(|revision| quoted(revision.as_str())).collect();
        let instructions = self.instructions.as_deref().map(|raw| format!(r#","instructions":{raw}"#));
        let meta = self.server_info.as_deref().map(|raw| format!(r#","_meta":{{"{SERVER_INFO}":{raw}}}"#));
        format!(
            r#"{{"jsonrpc":"2.0","id":{},"result":{{"resultType":"complete","supportedVersions":[{}],"capabilities":{}{},"ttlMs":{ttl_ms},"cacheScope":"private"{}}}}}"#,
            id.as_raw(),
            versions.join(","),
            self.carried(upstream, Era::Modern),
            instructions.unwrap_or_default(),
            meta.unwrap_or_default(),
        )
        .into_bytes()
    }

    /// The answer to `initialize`.
    #[must_use]
    pub fn initialize(&self, id: RequestId<'_>, revision: Revision, upstream: Era) -> Vec<u8> {
        let instructions = self.instructions.as_deref().map(|raw| format!(r#","instructions":{raw}"#));
        format!(
            r#"{{"jsonrpc":"2.0","id":{},"result":{{"protocolVersion":"{revision}","capabilities":{},"serverInfo":{}{}}}}}"#,
            id.as_raw(),
            self.carried(upstream, Era::Legacy),
            self.server_info.as_deref().unwrap_or(r#"{"name":"","version":""}"#),
            instructions.unwrap_or_default(),
        )
        .into_bytes()
    }

    /// The capabilities that work between an upstream of one era and a client of another.
    fn carried(&self, upstream: Era, client: Era) -> Cow<'_, str> {
        let fewer = without_tasks(&self.capabilities).and_then(|fewer| {
            // A subscription to one resource is a request of a session here and a part of a stream there.
            let Some(resources) = once(&fewer, "resources")?.filter(|raw| json::is_object(raw) && upstream != client)
            else {
                return Ok(fewer);
            };
            let resources = with(resources, &[("subscribe", None)])?;
            with(&fewer, &[("resources", Some(resources.into()))])
        });
        // What cannot be read is not advertised.
        fewer.map_or(Cow::Borrowed("{}"), Cow::Owned)
    }
}

/// Whether a message refuses a request for its revision, and names the modern one among those that are spoken: asked once
/// more in that one, the server answers.
#[must_use]
pub fn asks_for_modern(message: &[u8]) -> bool {
    let supported = || {
        let error = once(json::check(message).ok()?, "error").ok()??;
        let code = once(error, "code").ok()??;
        if code.parse() != Ok(codes::UNSUPPORTED_VERSION) {
            return None;
        }
        let supported = once(once(error, "data").ok()??, "supported").ok()??;
        Some(json::elements(supported).filter_map(json::string).any(|text| text == Revision::V2026_07_28.as_str()))
    };
    supported().unwrap_or(false)
}

/// Capabilities of either side without long-running tasks, in the spelling of either era.
///
/// # Errors
/// [`EditError`]; the capabilities must then not be passed on.
pub fn without_tasks(capabilities: &str) -> Result<String, EditError> {
    let fewer = with(capabilities, &[("tasks", None)])?;
    let Some(extensions) = once(&fewer, "extensions")?.filter(|raw| json::is_object(raw)) else { return Ok(fewer) };
    let changes: Vec<_> = NOT_CARRIED_EXTENSIONS.iter().map(|name| (*name, None)).collect();
    let extensions = with(extensions, &changes)?;
    with(&fewer, &[("extensions", Some(extensions.into()))])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::envelope::Envelope;

    fn id() -> RequestId<'static> {
        Envelope::parse(br#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#).unwrap().id().unwrap()
    }

    fn facts() -> ServerFacts {
        let answer = json!({"jsonrpc": "2.0", "id": 1, "result": {
            "resultType": "complete", "supportedVersions": ["2026-07-28"], "ttlMs": 5, "cacheScope": "public",
            "capabilities": {"tools": {"listChanged": true}, "resources": {"subscribe": true, "listChanged": true},
                "extensions": {"io.modelcontextprotocol/tasks": {}, "com.example/x": {}}},
            "instructions": "say \"please\"", "_meta": {SERVER_INFO: {"name": "s", "version": "2"}}}});
        ServerFacts::of_discover(answer.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn discover_tells_what_was_discovered_but_what_is_not_carried() {
        let answer: Value = serde_json::from_slice(&facts().discover(id(), Era::Modern, 9)).unwrap();
        assert_eq!(
            answer,
            json!({"jsonrpc": "2.0", "id": 7, "result": {
                "resultType": "complete", "supportedVersions": ["2026-07-28", "2025-11-25", "2025-06-18"],
                "capabilities": {"tools": {"listChanged": true}, "resources": {"subscribe": true, "listChanged": true},
                    "extensions": {"com.example/x": {}}},
                "instructions": "say \"please\"", "ttlMs": 9, "cacheScope": "private",
                "_meta": {SERVER_INFO: {"name": "s", "version": "2"}}}})
        );
    }

    #[test]
    fn initialize_between_eras_leaves_out_subscriptions_of_resources() {
        let answer: Value =
            serde_json::from_slice(&facts().initialize(id(), Revision::V2025_06_18, Era::Modern)).unwrap();
        assert_eq!(answer["result"]["protocolVersion"], "2025-06-18");
        assert_eq!(answer["result"]["capabilities"]["resources"], json!({"listChanged": true}));
        assert_eq!(answer["result"]["serverInfo"]["name"], "s");
        let read = ServerFacts::of_initialize(answer.to_string().as_bytes()).unwrap();
        assert_eq!(read.1, Revision::V2025_06_18);
    }

    #[test]
    fn of_discover_of_another_answer_is_none() {
        for text in [
            "{}",
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":""}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2025-11-25"],"capabilities":{}}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2026-07-28"],"capabilities":[]}}"#,
        ] {
            assert_eq!(ServerFacts::of_discover(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn asks_for_modern_where_an_error_names_it() {
        let error = |code: i64, supported: &str| {
            let data = json!({"supported": [supported], "requested": "2026-07-28"});
            json!({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": "", "data": data}}).to_string()
        };
        assert!(asks_for_modern(error(-32022, "2026-07-28").as_bytes()));
        assert!(!asks_for_modern(error(-32022, "2025-11-25").as_bytes()));
        assert!(!asks_for_modern(error(-32601, "2026-07-28").as_bytes()));
        assert!(!asks_for_modern(b"<html>"));
    }

    #[test]
    fn remembered_facts_are_valid_json() {
        let remembered = ServerFacts::remembered("a\"b", "1", Some("x\ny"), None);
        let answer: Value = serde_json::from_slice(&remembered.discover(id(), Era::Legacy, 0)).unwrap();
        assert_eq!(answer["result"]["_meta"][SERVER_INFO]["name"], "a\"b");
        assert_eq!(answer["result"]["instructions"], "x\ny");
        assert_eq!(answer["result"]["capabilities"], json!({"tools": {}}));
        let prompts = Some(r#"{"prompts":{}}"#.to_owned());
        let remembered = ServerFacts::remembered("a", "1", None, prompts).discover(id(), Era::Legacy, 0);
        let answer: Value = serde_json::from_slice(&remembered).unwrap();
        assert_eq!(answer["result"]["capabilities"], json!({"prompts": {}}));
    }
}
