//! Stage 2: the body, read once, and what it asks for.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use ostiary_mcp::ListKind;
use ostiary_mcp::envelope::{Envelope, Notification, Params, Reference, Request, RequestId};
use ostiary_mcp::header::{self, Accepted, PROTOCOL_VERSION, SESSION_ID};
use ostiary_mcp::method::{Family, Method};
use ostiary_mcp::version::{Era, era_of_request, header_is_supported};

use crate::refusal::Refusal;
use crate::session::Session;
use crate::stage::authenticate::Caller;
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
    pub(crate) session: Option<Session>,
    /// When the request's head had come.
    pub(crate) arrived: Instant,
}

/// What a message asks the gateway for.
#[derive(Debug)]
pub(crate) enum Errand<'m, 'a> {
    /// To begin a session.
    Initialize(&'m Request<'a>),
    /// Whether we are there.
    Ping(&'m Request<'a>),
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
/// 400 for what is no message, for a revision that is not spoken here (also for `server/discover`, whose answer makes
/// newer clients fall back) and for a session that is missing; 404 for a session that is not the caller's.
pub(crate) fn parse<'a>(
    state: &State,
    caller: &Caller,
    headers: &'a HeaderMap,
    body: &'a Bytes,
    arrived: Instant,
) -> Result<Message<'a>, Refusal> {
    let envelope = Envelope::parse_with_depth(body, state.config.json_depth);
    let envelope = envelope.map_err(|error| Refusal::malformed(&error))?;
    let id = envelope.id();
    let session = revision(&envelope, headers).and_then(|()| {
        if envelope.method() == Some(Method::Initialize) {
            return Ok(None);
        }
        session(state, caller, headers).map(Some)
    });
    let session = session.map_err(|refusal| refusal.to(id))?;
    Ok(Message { headers, body, envelope, session, arrived })
}

/// Refuses revisions that are not spoken here.
fn revision(envelope: &Envelope<'_>, headers: &HeaderMap) -> Result<(), Refusal> {
    let header = headers.get(PROTOCOL_VERSION).map(|value| value.to_str().unwrap_or("?"));
    let meta = envelope.params().and_then(|params| params.meta.protocol_version.as_deref());
    let is_modern = era_of_request(meta, header) == Era::Modern || envelope.method() == Some(Method::Discover);
    if is_modern || header.is_some_and(|header| !header_is_supported(header)) {
        let requested: String = meta.or(header).unwrap_or("2026-07-28").chars().take(64).collect();
        return Err(Refusal::unsupported_version(&requested));
    }
    Ok(())
}

/// The session of a request that must have one.
pub(crate) fn session(state: &State, caller: &Caller, headers: &HeaderMap) -> Result<Session, Refusal> {
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

    /// Whether the upstream is told a session of its own.
    pub(crate) fn has_upstream_session(&self) -> bool {
        self.session.as_ref().is_some_and(Session::has_upstream_id)
    }

    /// Sorts the message.
    ///
    /// # Errors
    ///
    /// −32601 for methods that are not known or not carried: what the gateway cannot judge does not pass.
    pub(crate) fn errand(&self) -> Result<Errand<'_, 'a>, Refusal> {
        match &self.envelope {
            Envelope::Request(request) => errand_of_request(request),
            Envelope::Notification(notification) => errand_of_notification(notification),
            Envelope::Response(_) => Ok(Errand::Deliver),
        }
    }
}

fn errand_of_request<'m, 'a>(request: &'m Request<'a>) -> Result<Errand<'m, 'a>, Refusal> {
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
        Family::Discovery | Family::Subscription | Family::Task | Family::Notification | Family::Unknown => {
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
