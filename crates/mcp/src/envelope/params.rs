//! What of a message's params the gateway looks at.

use std::borrow::Cow;

use super::error::EnvelopeFault;
use super::id::RequestId;
use super::take_once;
use crate::json;
use crate::method::Method;
use crate::modern::{CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, PROTOCOL_VERSION};

/// The params of a request or notification. Members that the message does not have are `None`.
#[derive(Debug, Clone, Default)]
pub struct Params<'a> {
    /// The whole object, raw.
    pub raw: Option<&'a str>,
    /// `name` of a tool or prompt.
    pub name: Option<Cow<'a, str>>,
    /// `uri` of a resource.
    pub uri: Option<Cow<'a, str>>,
    /// `arguments`, raw, always an object.
    pub arguments: Option<&'a str>,
    /// `cursor` of a list. The empty string is a cursor like any other.
    pub cursor: Option<Cow<'a, str>>,
    /// `level` of `logging/setLevel`.
    pub level: Option<Cow<'a, str>>,
    /// `protocolVersion` of `initialize`.
    pub protocol_version: Option<Cow<'a, str>>,
    /// `capabilities` of `initialize`, raw.
    pub capabilities: Option<&'a str>,
    /// `clientInfo` of `initialize`, raw. What a client says of itself; never a reason to trust it.
    pub client_info: Option<&'a str>,
    /// `ref` of `completion/complete`.
    pub reference: Option<Reference<'a>>,
    /// `requestId` of `notifications/cancelled`.
    pub request_id: Option<RequestId<'a>>,
    /// Whether there is a `task` member, which asks for a long-running task.
    pub has_task: bool,
    /// `requestState` of a round after the first, raw.
    pub request_state: Option<&'a str>,
    /// `inputResponses` of a round after the first, raw.
    pub input_responses: Option<&'a str>,
    /// `notifications` of `subscriptions/listen`, raw: what the client wants to be told of.
    pub notifications: Option<&'a str>,
    /// What of `_meta` matters here.
    pub meta: Meta<'a>,
}

/// What `completion/complete` completes an argument of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference<'a> {
    /// A prompt, by name.
    Prompt(Cow<'a, str>),
    /// A resource or resource template, by URI.
    Resource(Cow<'a, str>),
}

/// The members of `_meta` that the gateway looks at.
#[derive(Debug, Clone, Default)]
pub struct Meta<'a> {
    /// `progressToken`, raw.
    pub progress_token: Option<&'a str>,
    /// `io.modelcontextprotocol/protocolVersion`; a request that has it is of the modern era.
    pub protocol_version: Option<Cow<'a, str>>,
    /// `io.modelcontextprotocol/clientCapabilities`, raw.
    pub client_capabilities: Option<&'a str>,
    /// `io.modelcontextprotocol/clientInfo`, raw. What a client says of itself; never a reason to trust it.
    pub client_info: Option<&'a str>,
    /// `io.modelcontextprotocol/logLevel`: from which level on log messages are wanted.
    pub log_level: Option<Cow<'a, str>>,
    /// `traceparent` of the caller's trace.
    pub traceparent: Option<Cow<'a, str>>,
}

/// The members as they stand in the text, each at most once.
#[derive(Default)]
struct Members<'a> {
    name: Option<&'a str>,
    uri: Option<&'a str>,
    arguments: Option<&'a str>,
    cursor: Option<&'a str>,
    level: Option<&'a str>,
    protocol_version: Option<&'a str>,
    capabilities: Option<&'a str>,
    client_info: Option<&'a str>,
    reference: Option<&'a str>,
    request_id: Option<&'a str>,
    task: Option<&'a str>,
    request_state: Option<&'a str>,
    input_responses: Option<&'a str>,
    notifications: Option<&'a str>,
    meta: Option<&'a str>,
}

impl<'a> Params<'a> {
    pub(super) fn read(raw: Option<&'a str>, method: Method) -> Result<Self, EnvelopeFault> {
        let raw = object(raw, "params")?;
        let members = raw.map(Members::read).transpose()?.unwrap_or_default();
        let params = Self {
            raw,
            name: members.name.and_then(json::string),
            uri: members.uri.and_then(json::string),
            arguments: object(members.arguments, "arguments")?,
            cursor: members.cursor.and_then(json::string),
            level: members.level.and_then(json::string),
            protocol_version: members.protocol_version.and_then(json::string),
            capabilities: members.capabilities,
            client_info: members.client_info,
            reference: members.reference.map(Reference::read).transpose()?,
            request_id: members.request_id.and_then(RequestId::parse),
            has_task: members.task.is_some(),
            request_state: members.request_state,
            input_responses: members.input_responses,
            notifications: object(members.notifications, "notifications")?,
            meta: object(members.meta, "_meta")?.map(Meta::read).transpose()?.unwrap_or_default(),
        };
        params.require(method)?;
        Ok(params)
    }

    /// Refuses a message that lacks what its method is judged by.
    fn require(&self, method: Method) -> Result<(), EnvelopeFault> {
        let (present, member) = match method {
            Method::ToolsCall | Method::PromptsGet => (self.name.is_some(), "name"),
            Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe => {
                (self.uri.is_some(), "uri")
            }
            Method::Complete => (self.reference.is_some(), "ref"),
            Method::Initialize => (self.protocol_version.is_some(), "protocolVersion"),
            _ => return Ok(()),
        };
        if present { Ok(()) } else { Err(EnvelopeFault::BadParams { member }) }
    }
}

impl<'a> Members<'a> {
    fn read(text: &'a str) -> Result<Self, EnvelopeFault> {
        let mut found = Self::default();
        for member in json::members(text) {
            let key = member.key().ok_or(EnvelopeFault::Syntax)?;
            let slots = [
                ("name", &mut found.name),
                ("uri", &mut found.uri),
                ("arguments", &mut found.arguments),
                ("cursor", &mut found.cursor),
                ("level", &mut found.level),
                ("protocolVersion", &mut found.protocol_version),
                ("capabilities", &mut found.capabilities),
                ("clientInfo", &mut found.client_info),
                ("ref", &mut found.reference),
                ("requestId", &mut found.request_id),
                ("task", &mut found.task),
                ("requestState", &mut found.request_state),
                ("inputResponses", &mut found.input_responses),
                ("notifications", &mut found.notifications),
                ("_meta", &mut found.meta),
            ];
            take_once(&key, member.value, slots)?;
        }
        Ok(found)
    }
}

impl<'a> Reference<'a> {
    fn read(text: &'a str) -> Result<Self, EnvelopeFault> {
        let (mut kind, mut name, mut uri) = (None, None, None);
        for member in json::members(text) {
            let key = member.key().ok_or(EnvelopeFault::Syntax)?;
            take_once(&key, member.value, [("type", &mut kind), ("name", &mut name), ("uri", &mut uri)])?;
        }
        match kind.and_then(json::string).as_deref() {
            Some("ref/prompt") => name.and_then(json::string).map(Self::Prompt),
            Some("ref/resource") => uri.and_then(json::string).map(Self::Resource),
            _ => None,
        }
        .ok_or(EnvelopeFault::BadParams { member: "ref" })
    }
}

impl<'a> Meta<'a> {
    fn read(text: &'a str) -> Result<Self, EnvelopeFault> {
        let (mut progress_token, mut protocol_version, mut traceparent) = (None, None, None);
        let (mut client_capabilities, mut client_info, mut log_level) = (None, None, None);
        for member in json::members(text) {
            let key = member.key().ok_or(EnvelopeFault::Syntax)?;
            let slots = [
                ("progressToken", &mut progress_token),
                (PROTOCOL_VERSION, &mut protocol_version),
                (CLIENT_CAPABILITIES, &mut client_capabilities),
                (CLIENT_INFO, &mut client_info),
                (LOG_LEVEL, &mut log_level),
                ("traceparent", &mut traceparent),
            ];
            take_once(&key, member.value, slots)?;
        }
        // A version of another type still says which era the request is of, so it must not read as absent.
        let protocol_version = protocol_version.map(|raw| json::string(raw).unwrap_or(Cow::Borrowed(raw)));
        Ok(Self {
            progress_token,
            protocol_version,
            client_capabilities,
            client_info,
            log_level: log_level.and_then(json::string),
            traceparent: traceparent.and_then(json::string),
        })
    }
}

/// `raw` when it writes an object; `null` counts as absent, since some clients write it for nothing.
fn object<'a>(raw: Option<&'a str>, member: &'static str) -> Result<Option<&'a str>, EnvelopeFault> {
    match raw {
        None | Some("null") => Ok(None),
        Some(raw) if json::is_object(raw) => Ok(Some(raw)),
        Some(_) => Err(EnvelopeFault::BadParams { member }),
    }
}
