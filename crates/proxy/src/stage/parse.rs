//! Stage 2: the body, read once, and what it asks for.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use ostiary_mcp::ListKind;
use ostiary_mcp::capability::Implementation;
use ostiary_mcp::envelope::{
    Envelope, EnvelopeError, Notification, Params, Reference, Request, RequestId, RequestIdBuf,
};
use ostiary_mcp::header::{self, Accepted, PROTOCOL_VERSION, SESSION_ID};
use ostiary_mcp::method::{Family, Method};
use ostiary_mcp::modern;
use ostiary_mcp::version::{Era, Revision, era_of_request, header_is_supported};

use crate::refusal::Refusal;
use crate::session::{Holder, Session};
use crate::state::State;

/// Reads the body whole, within its bounds of size and time.
///
/// # Errors
///
/// 413, 408, 415, or 400 when the client breaks off.
pub(crate) async fn receive<B>(state: &State, headers: &HeaderMap, body: B) -> Result<Bytes, Refusal>
where
    B: HttpBody<Data = Bytes> + Send,
{
    let max_bytes = state.config.body_max_bytes;
    let is_json = headers.get(CONTENT_TYPE).is_none_or(header::is_json);
    if !is_json || headers.contains_key(CONTENT_ENCODING) {
        return Err(Refusal::unsupported_media_type());
    }
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > max_bytes) {
        return Err(Refusal::body_too_large(max_bytes));
    }
    let read = tokio::time::timeout(state.config.request_body, read(body, max_bytes));
    read.await.unwrap_or_else(|_| Err(Refusal::body_timeout()))
}

async fn read<B: HttpBody<Data = Bytes> + Send>(body: B, max_bytes: usize) -> Result<Bytes, Refusal> {
    let mut body = std::pin::pin!(body);
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::body_broken())?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > max_bytes {
            return Err(Refusal::body_too_large(max_bytes));
        }
        if first.is_empty() {
            // Small bodies come in one piece, which is then the body, uncopied.
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}

/// A message with everything that it came with.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    pub(crate) envelope: Envelope<'a>,
    pub(crate) dialect: Dialect,
    /// The server that it was put for, when it came in at the account's endpoint.
    pub(crate) server: Option<Box<str>>,
    /// When the request's head had come.
    pub(crate) arrived: Instant,
}

/// The rules by which a message was written, with what it says of its sender.
#[derive(Clone, Debug)]
pub(crate) enum Dialect {
    /// With the session that it belongs to; `initialize` has none yet.
    Legacy(Option<Session>),
    /// With what the client says of itself.
    Modern(Implementation),
}

/// What a message asks the gateway for.
#[derive(Debug)]
pub(crate) enum Errand<'m, 'a> {
    /// To begin a session.
    Initialize(&'m Request<'a>),
    /// Whether we are there.
    Ping(&'m Request<'a>),
    /// What the server is.
    Discover(&'m Request<'a>),
    /// To be told of changes.
    Listen(&'m Request<'a>),
    /// A list, which is filtered by the policy.
    List(&'m Request<'a>, ListKind),
    /// Something that the policy decides about.
    Call(&'m Request<'a>, Target<'m>),
    /// A request that the policy has no say in, and that the upstream answers.
    Carry(&'m Request<'a>),
    /// A message that nobody answers.
    Deliver,
    /// A notification that is taken and not passed on.
    Swallow,
}

/// What a call is about, as the policy knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'m> {
    Tool(&'m str),
    Resource(&'m str),
    Prompt(&'m str),
}

impl<'m> Target<'m> {
    pub(crate) const fn as_str(self) -> &'m str {
        match self {
            Self::Tool(text) | Self::Resource(text) | Self::Prompt(text) => text,
        }
    }
}

/// Reads a body as a message.
///
/// # Errors
///
/// 400 for what is no message, for a revision that is not spoken here, for a modern request that lacks something or whose
/// headers say something else, and for a session that is missing; 404 for a session that is not the caller's, and for a
/// method that is not of the modern era.
pub(crate) fn parse<'a>(
    state: &State,
    caller: &impl Holder,
    headers: &'a HeaderMap,
    body: &'a Bytes,
    arrived: Instant,
) -> Result<Message<'a>, Refusal> {
    let envelope = Envelope::parse_with_depth(body, state.config.json_depth);
    let envelope = envelope.map_err(|error| malformed(&error, headers))?;
    let id = envelope.id();
    let dialect = dialect(state, caller, &envelope, headers).map_err(|refusal| refusal.to(id))?;
    Ok(Message { headers, body, envelope, dialect, server: None, arrived })
}

/// What is said of a message that cannot be read. In the modern era a method that it does not have is unknown, whatever
/// the params are.
fn malformed(error: &EnvelopeError, headers: &HeaderMap) -> Refusal {
    let header = headers.get(PROTOCOL_VERSION).map(|value| value.to_str().unwrap_or("?"));
    let is_unknown = error.method.is_some_and(|method| !is_modern(method) && method.family() != Family::Notification);
    if is_unknown && era_of_request(None, header) == Era::Modern {
        let id = error.id.as_ref().map(RequestIdBuf::as_ref);
        return Refusal::unknown_method().in_era(Era::Modern).to(id);
    }
    Refusal::malformed(error)
}

/// Which rules a message follows, and whether it does.
fn dialect(
    state: &State,
    caller: &impl Holder,
    envelope: &Envelope<'_>,
    headers: &HeaderMap,
) -> Result<Dialect, Refusal> {
    let header = headers.get(PROTOCOL_VERSION).map(|value| value.to_str().unwrap_or("?"));
    let meta = envelope.params().and_then(|params| params.meta.protocol_version.as_deref());
    if era_of_request(meta, header) == Era::Modern || envelope.method() == Some(Method::Discover) {
        return modern(envelope, headers).map(Dialect::Modern);
    }
    if let Some(header) = header.filter(|header| !header_is_supported(header)) {
        return Err(Refusal::unsupported_version(&header.chars().take(64).collect::<String>()));
    }
    if envelope.method() == Some(Method::Initialize) {
        return Ok(Dialect::Legacy(None));
    }
    session(state, caller, headers).map(|session| Dialect::Legacy(Some(session)))
}

/// Checks a message of the modern era. A session that it names is of no account.
fn modern(envelope: &Envelope<'_>, headers: &HeaderMap) -> Result<Implementation, Refusal> {
    match envelope {
        Envelope::Request(request) => {
            if !is_modern(request.method) {
                return Err(Refusal::unknown_method().in_era(Era::Modern));
            }
            modern::check_request(request, headers).map_err(|fault| Refusal::modern(&fault))?;
            Ok(request.params.meta.client_info.map(Implementation::of).unwrap_or_default())
        }
        Envelope::Notification(notification) => {
            modern::check_notification(notification, headers).map_err(|fault| Refusal::modern(&fault))?;
            Ok(Implementation::default())
        }
        Envelope::Response(_) => Err(Refusal::unasked_response()),
    }
}

/// Whether the modern era has the method.
fn is_modern(method: Method) -> bool {
    match method.family() {
        Family::Lifecycle | Family::Logging | Family::Task | Family::Notification | Family::Unknown => false,
        Family::Resource => method == Method::ResourcesRead,
        Family::ToolCall
        | Family::List(_)
        | Family::Prompt
        | Family::Completion
        | Family::Discovery
        | Family::Subscription => true,
    }
}

/// The session of a request that must have one.
pub(crate) fn session(state: &State, caller: &impl Holder, headers: &HeaderMap) -> Result<Session, Refusal> {
    let text = headers.get(SESSION_ID).ok_or_else(Refusal::session_missing)?;
    let opened = text.to_str().ok().and_then(|text| state.sessions.open(caller, text));
    opened.ok_or_else(Refusal::session_not_found)
}

/// Refuses a client that cannot take the answers there may be.
pub(crate) fn acceptable(headers: &HeaderMap) -> Result<(), Refusal> {
    let accepted = Accepted::of(headers);
    if accepted.json && accepted.event_stream {
        return Ok(());
    }
    Err(Refusal::not_acceptable("the client must accept application/json and text/event-stream"))
}

impl<'a> Message<'a> {
    /// The id of the request, when the message is one.
    pub(crate) fn request_id(&self) -> Option<RequestId<'a>> {
        match &self.envelope {
            Envelope::Request(request) => Some(request.id),
            Envelope::Notification(_) | Envelope::Response(_) => None,
        }
    }

    /// The same message with a body that was edited. What was judged is what did not change.
    pub(crate) fn with_body<'b>(&self, body: &'b Bytes) -> Message<'b>
    where
        'a: 'b,
    {
        let (envelope, dialect) = (self.envelope.clone(), self.dialect.clone());
        Message { headers: self.headers, body, envelope, dialect, server: self.server.clone(), arrived: self.arrived }
    }

    /// The same message as one server is to get it: with a body in which it has that server's names.
    ///
    /// # Errors
    ///
    /// For a body that is no message.
    pub(crate) fn put_for<'b>(&self, server: &str, body: &'b Bytes, json_depth: usize) -> Result<Message<'b>, Refusal>
    where
        'a: 'b,
    {
        let envelope = Envelope::parse_with_depth(body, json_depth).map_err(|error| Refusal::malformed(&error))?;
        let (dialect, server) = (self.dialect.clone(), Some(server.into()));
        Ok(Message { headers: self.headers, body, envelope, dialect, server, arrived: self.arrived })
    }

    /// The session that the message belongs to.
    pub(crate) const fn session(&self) -> Option<&Session> {
        match &self.dialect {
            Dialect::Legacy(session) => session.as_ref(),
            Dialect::Modern(_) => None,
        }
    }

    /// What the client says of itself.
    pub(crate) fn client(&self) -> Option<&Implementation> {
        match &self.dialect {
            Dialect::Legacy(session) => session.as_ref().map(|session| &session.payload.client),
            Dialect::Modern(client) => Some(client),
        }
    }

    /// The era of the client.
    pub(crate) const fn era(&self) -> Era {
        match &self.dialect {
            Dialect::Legacy(_) => Era::Legacy,
            Dialect::Modern(_) => Era::Modern,
        }
    }

    /// The revision that the client speaks.
    pub(crate) fn revision(&self) -> Option<Revision> {
        match &self.dialect {
            Dialect::Legacy(session) => session.as_ref().map(|session| session.payload.revision),
            Dialect::Modern(_) => Some(Revision::V2026_07_28),
        }
    }

    /// Whether the upstream is told a session of the client's own.
    pub(crate) fn has_upstream_session(&self) -> bool {
        self.session().is_some_and(Session::has_upstream_id)
    }

    /// Sorts the message.
    ///
    /// # Errors
    ///
    /// −32601 for methods that are not known or not carried: what the gateway cannot judge does not pass.
    pub(crate) fn errand(&self) -> Result<Errand<'_, 'a>, Refusal> {
        match &self.envelope {
            Envelope::Request(request) => errand_of_request(request, self.era()),
            // A modern client says nothing that would have to go on: leaving is what cancels.
            Envelope::Notification(_) if self.era() == Era::Modern => Ok(Errand::Swallow),
            Envelope::Notification(notification) => errand_of_notification(notification),
            Envelope::Response(_) => Ok(Errand::Deliver),
        }
    }
}

fn errand_of_request<'m, 'a>(request: &'m Request<'a>, era: Era) -> Result<Errand<'m, 'a>, Refusal> {
    if request.params.has_task {
        return Err(Refusal::invalid_params("tasks are not carried; call without `task`"));
    }
    Ok(match request.method.family() {
        Family::Lifecycle if request.method == Method::Initialize => Errand::Initialize(request),
        Family::Lifecycle => Errand::Ping(request),
        Family::List(kind) => Errand::List(request, kind),
        Family::Logging => Errand::Carry(request),
        Family::ToolCall | Family::Resource | Family::Prompt | Family::Completion => {
            let target = target(request.method.family(), &request.params);
            Errand::Call(request, target.ok_or_else(|| Refusal::invalid_params("the call names nothing"))?)
        }
        Family::Discovery => Errand::Discover(request),
        Family::Subscription if era == Era::Modern => Errand::Listen(request),
        Family::Subscription | Family::Task | Family::Notification | Family::Unknown => {
            return Err(Refusal::unknown_method());
        }
    })
}

/// What a call names. The envelope was refused when the method needs a name that is not there.
fn target<'m>(family: Family, params: &'m Params<'_>) -> Option<Target<'m>> {
    match (family, &params.reference) {
        (Family::ToolCall, _) => params.name.as_deref().map(Target::Tool),
        (Family::Resource, _) => params.uri.as_deref().map(Target::Resource),
        (Family::Prompt, _) => params.name.as_deref().map(Target::Prompt),
        // Completion tells values of arguments: the policy of what it completes decides.
        (Family::Completion, Some(Reference::Prompt(name))) => Some(Target::Prompt(name)),
        (Family::Completion, Some(Reference::Resource(uri))) => Some(Target::Resource(uri)),
        _ => None,
    }
}

/// SECURITY: an upstream may run a request that comes without an id, so only what is a notification by its method
/// passes as one.
fn errand_of_notification<'m, 'a>(notification: &'m Notification<'a>) -> Result<Errand<'m, 'a>, Refusal> {
    match notification.method.family() {
        Family::Notification => Ok(Errand::Deliver),
        Family::Unknown => Ok(Errand::Swallow),
        _ => Err(Refusal::without_id()),
    }
}
