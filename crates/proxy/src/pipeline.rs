//! The order of things: `authenticate → parse → decide → reserve and record → forward → respond → settle`.
//!
//! One function a stage, in [`stage`](crate::stage). The types keep the order: [`forward`] takes a message only with a
//! [`Passage`], whose one kind only [`admit`] makes, out of a durable record, and whose other kind there is only for
//! messages that are no calls.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body as HttpBody;
use ostiary_mcp::ListKind;
use ostiary_mcp::Method as RpcMethod;
use ostiary_mcp::envelope::{self, Envelope};
use ostiary_mcp::error::empty_result;
use ostiary_mcp::header::is_loopback_host;
use ostiary_mcp::version::Era;
use ostiary_model::AccountId;

use crate::account;
use crate::account::standing::is_ended;
use crate::body::Body;
use crate::bounds::Turn;
use crate::cors;
use crate::denial;
use crate::initialize::initialize;
use crate::leg::ask;
use crate::listen::listen;
use crate::listing::Listing;
use crate::origin::Origin;
use crate::pool::set_level;
use crate::refusal::{self, Refusal};
use crate::session::Session;
use crate::stage::admit::{Admitted, admit};
use crate::stage::authenticate::{Caller, Entry, authenticate};
use crate::stage::decide::{decide, inventory};
use crate::stage::forward::{Carried, Passage, Sending, forward};
use crate::stage::parse::{Errand, Message, Target, acceptable, parse, receive};
use crate::stage::respond::{Asked, respond};
use crate::state::State;
use crate::stream::{end_session, open_stream};

/// How often a call is decided anew because its account changes meanwhile. Where changes follow each other without a pause,
/// on a machine so busy that a decision takes as long as a change, a few in a hundred thousand calls took more than 16.
const ROUNDS: usize = 64;

pub(crate) const ALLOW: &str = "POST, GET, DELETE";

/// Serves one HTTP request.
pub(crate) async fn serve<B>(state: &Arc<State>, request: Request<B>) -> Result<Response<Body>, Refusal>
where
    B: HttpBody<Data = Bytes> + Send,
{
    let arrived = Instant::now();
    let is_preflight = cors::is_preflight(&request);
    let (head, body) = request.into_parts();
    bounded(state, &head.headers)?;
    if state.config.listens_on_loopback && !is_for_us(state, &head) {
        return Err(Refusal::forbidden_host());
    }
    if !state.origins.allows(&head.headers) {
        return Err(Refusal::forbidden_origin());
    }
    if is_preflight {
        return Ok(cors::preflight(&head.headers));
    }
    let entry = authenticate(state, host(&head), &head).await?;
    let account_id = entry.account_id();
    let served = match entry {
        Entry::Server(caller) => serve_at_server(state, caller, &head, body, arrived).await,
        Entry::Account(visitor) => Box::pin(account::serve(state, visitor, &head, body, arrived)).await,
    };
    served.map_err(|refusal| refusal.of(account_id))
}

/// Serves one HTTP request at a server's endpoint.
async fn serve_at_server<B>(
    state: &Arc<State>,
    caller: Caller,
    head: &Parts,
    body: B,
    arrived: Instant,
) -> Result<Response<Body>, Refusal>
where
    B: HttpBody<Data = Bytes> + Send,
{
    let turn = state.turns.take(caller.account_id(), body.size_hint().lower()).await;
    let turn = turn.ok_or_else(Refusal::too_many_calls)?;
    match head.method {
        Method::POST => post(state, caller, head, body, arrived, turn).await,
        Method::GET => Box::pin(open_stream(state, caller.confirmed(state).await?, &head.headers)).await,
        Method::DELETE => Box::pin(end_session(state, &caller.confirmed(state).await?, &head.headers)).await,
        _ => Err(Refusal::method_not_allowed(ALLOW)),
    }
}

/// The host that a request names. HTTP/2 has it in the request's target.
fn host(head: &Parts) -> Option<&str> {
    match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => head.headers.get(HOST).and_then(|host| host.to_str().ok()),
    }
}

/// Whether the request's headers are within their bounds. Above twice as much or so the connection itself refuses them,
/// before anybody can say why.
fn bounded(state: &State, headers: &HeaderMap) -> Result<(), Refusal> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let config = &state.config;
    if headers.len() > config.headers_max || bytes > config.headers_max_bytes {
        return Err(Refusal::headers_too_large(config.headers_max, config.headers_max_bytes));
    }
    Ok(())
}

/// Whether a request names this machine, or a host under which the gateway is public.
fn is_for_us(state: &State, head: &Parts) -> bool {
    let public_host = state.config.public_host.as_deref();
    let is_public = |host: &str| {
        let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        public_host.is_some_and(|public| name.map_or(host, |(name, _)| name).eq_ignore_ascii_case(public))
    };
    host(head)
        .is_some_and(|host| is_loopback_host(host) || is_public(host) || state.account_hosts.account(host).is_some())
}

/// One message.
async fn post<B>(
    state: &Arc<State>,
    caller: Caller,
    head: &Parts,
    body: B,
    arrived: Instant,
    mut turn: Turn,
) -> Result<Response<Body>, Refusal>
where
    B: HttpBody<Data = Bytes> + Send,
{
    acceptable(&head.headers)?;
    let body = receive(state, &head.headers, body).await?;
    turn.read(body.len());
    // A turn and a body may take their time: what the account became meanwhile is what counts, for lists and streams too.
    let caller = if caller.is_current(state) { caller } else { caller.again(state).await? };
    let message = parse(state, &caller, &head.headers, &body, arrived)?;
    let id = message.request_id();
    let served = run(state, caller, &message, turn).await;
    served.map_err(|refusal| {
        let refusal = refusal.in_era(message.era());
        if id.is_some() { refusal.to(id) } else { refusal.without_request() }
    })
}

async fn run(state: &Arc<State>, caller: Caller, message: &Message<'_>, turn: Turn) -> Result<Response<Body>, Refusal> {
    let errand = message.errand()?;
    if !matches!(errand, Errand::Call(..)) && is_over(state, &caller, message).await {
        return Err(Refusal::session_not_found());
    }
    // A call finds out when it is admitted; a ping says nothing of the account.
    let caller = match errand {
        Errand::Call(..) | Errand::Ping(_) | Errand::Discover(_) => caller,
        _ => caller.confirmed(state).await?,
    };
    match (Carried::of(&errand), errand) {
        (_, Errand::Call(request, target)) => call(state, caller, message, request, target, turn).await,
        (_, Errand::Ping(request)) => Ok(refusal::json(StatusCode::OK, empty_result(request.id))),
        (_, Errand::Discover(request)) => Ok(Box::pin(discover(state, &caller, request)).await),
        (Some(carried), Errand::Listen(request)) => {
            Box::pin(listen(state, caller, message, request, carried, turn)).await
        }
        (Some(carried), Errand::Initialize(request)) => {
            Box::pin(initialize(state, &caller, message, request, carried)).await
        }
        (Some(carried), Errand::List(request, kind)) => {
            Box::pin(list(state, &caller, message, request, Some(kind), carried, turn)).await
        }
        (Some(_), Errand::Carry(request)) if let Some((session, level)) = level_of_ours(message, request) => {
            let kept = state.talks.set_level(caller.account_id(), &session.text, level).await;
            kept.map_err(|_| Refusal::unavailable())?;
            if session.is_without_upstream()
                && let Some(there) = Box::pin(state.pool.find_anywhere(state, &caller, session)).await
            {
                Box::pin(set_level(state, &caller, &there, level)).await;
            }
            Ok(refusal::json(StatusCode::OK, empty_result(request.id)))
        }
        (Some(carried), Errand::Carry(request)) => {
            Box::pin(list(state, &caller, message, request, None, carried, turn)).await
        }
        (Some(carried), Errand::Deliver) => Box::pin(deliver(state, &caller, message, carried)).await,
        (_, _) => Ok(accepted()),
    }
}

/// A call: the one kind of message that the policy decides about.
pub(crate) async fn call(
    state: &Arc<State>,
    mut caller: Caller,
    message: &Message<'_>,
    request: &envelope::Request<'_>,
    target: Target<'_>,
    turn: Turn,
) -> Result<Response<Body>, Refusal> {
    headers_agree(state, &caller, message, target).await?;
    let mut may_refresh = true;
    for _ in 0..ROUNDS {
        let decided = decide(state, &caller, message, target).await?;
        if decided.misses_a_tool()
            && std::mem::take(&mut may_refresh)
            && Box::pin(state.inventories.refresh(caller.server(), state.clock.now_ms())).await
        {
            caller = caller.again(state).await?;
            continue;
        }
        let (admitted, is_over) =
            tokio::join!(admit(state, &caller, message, target, decided), is_over(state, &caller, message));
        if is_over {
            // What was taken for the call is given back: it is not sent.
            drop(admitted);
            return Err(Refusal::session_not_found());
        }
        match admitted {
            Admitted::Reserved(reserved) => {
                let mut upstream = ask(state, &caller, message, request, Passage::Reserved(reserved)).await?;
                if let (Some(server), None) = (&message.server, &upstream.reading.origin) {
                    upstream.reading.origin = Some(Origin::answer(server));
                }
                return respond(state, upstream, asked(message, request, None), turn).await;
            }
            Admitted::Denied { denial, decision_id } => {
                return Ok(refusal::json(
                    StatusCode::OK,
                    denial::answer(&denial, decision_id, &caller, request, message.era()),
                ));
            }
            Admitted::Stale => caller = caller.again(state).await?,
        }
    }
    Err(Refusal::unavailable())
}

/// Whether the session of a message has ended where no upstream would say so: where it is one of several there, or none.
/// That another process ended it is asked beside the admission, and once a second at most.
async fn is_over(state: &State, caller: &Caller, message: &Message<'_>) -> bool {
    match message.session() {
        Some(session) if session.is_without_upstream() => is_ended(state, caller.account_id(), &session.text).await,
        _ => false,
    }
}

/// Whether headers repeat the arguments that the tool's schema has repeated. What came in another era has none.
async fn headers_agree(
    state: &State,
    caller: &Caller,
    message: &Message<'_>,
    target: Target<'_>,
) -> Result<(), Refusal> {
    let Target::Tool(name) = target else { return Ok(()) };
    if message.era() == Era::Legacy {
        return Ok(());
    }
    let Some(params) = inventory(state, caller).await?.param_headers(name) else { return Ok(()) };
    let arguments = message.envelope.params().and_then(|params| params.arguments);
    params.check(arguments, message.headers).map_err(|fault| Refusal::modern(&fault))
}

/// What the server is, as far as we know: never an error, because clients take one for a server that is broken.
async fn discover(state: &Arc<State>, caller: &Caller, request: &envelope::Request<'_>) -> Response<Body> {
    let (era, facts) = state.known.facts(state, caller, Some(&request.params)).await;
    refusal::json(StatusCode::OK, facts.discover(request.id, era, state.config.list_ttl_ms()))
}

/// A request that the upstream answers and the policy has no say in, but for the entries of the list it asks for.
async fn list(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    request: &envelope::Request<'_>,
    kind: Option<ListKind>,
    carried: Carried,
    turn: Turn,
) -> Result<Response<Body>, Refusal> {
    let listing = match kind {
        Some(kind) => Some((kind, Listing::of(state, caller).await?)),
        None => None,
    };
    let upstream = ask(state, caller, message, request, Passage::Carried(carried)).await?;
    respond(state, upstream, asked(message, request, listing), turn).await
}

/// The level of log messages of a session whose upstream has none, so that every request to it says the level; or has one
/// that may be opened later, or anew.
fn level_of_ours<'m>(message: &'m Message<'_>, request: &'m envelope::Request<'_>) -> Option<(&'m Session, &'m str)> {
    let is_ours = |session: &&Session| session.upstream_era() == Era::Modern || session.is_without_upstream();
    let session = message.session().filter(is_ours)?;
    let level = request.params.level.as_deref().filter(|_| request.method == RpcMethod::SetLevel)?;
    Some((session, level))
}

/// A message that nobody answers.
async fn deliver(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    carried: Carried,
) -> Result<Response<Body>, Refusal> {
    if let Some(session) = message.session().filter(|session| session.is_without_upstream()) {
        let is_cancelled =
            matches!(&message.envelope, Envelope::Notification(said) if said.method == RpcMethod::Cancelled);
        if !is_cancelled && let Some(there) = state.pool.find_anywhere(state, caller, session).await {
            there.post(message.body.to_vec());
        }
    }
    if message.session().is_some_and(|session| session.upstream_era() == Era::Modern || session.is_without_upstream()) {
        take(state, caller.account_id(), message).await?;
        return Ok(accepted());
    }
    let upstream = forward(state, caller, Sending::message(message), Passage::Carried(carried)).await?;
    match upstream.head.status {
        status if status.is_success() => Ok(accepted()),
        StatusCode::NOT_FOUND if message.has_upstream_session() => Err(Refusal::session_not_found()),
        status => Err(Refusal::upstream_status(status)),
    }
}

/// Takes a message that is for the gateway, because the upstream's era has none of its kind: an answer to what the client
/// was asked, or that it cancels.
///
/// # Errors
///
/// 503 when it is for another process that cannot be told.
pub(crate) async fn take(state: &State, account_id: AccountId, message: &Message<'_>) -> Result<(), Refusal> {
    let Some(session) = message.session() else { return Ok(()) };
    let told = match &message.envelope {
        Envelope::Response(response) => state.talks.answer(account_id, &session.text, response).await,
        Envelope::Notification(notification) if notification.method == RpcMethod::Cancelled => {
            match notification.params.request_id {
                Some(id) => state.talks.cancel(account_id, &session.text, id.as_raw(), message.body).await,
                None => Ok(()),
            }
        }
        Envelope::Notification(_) | Envelope::Request(_) => Ok(()),
    };
    told.map_err(|_| Refusal::unavailable())
}

fn asked(message: &Message<'_>, request: &envelope::Request<'_>, list: Option<(ListKind, Listing)>) -> Asked {
    let has_upstream_session = message.has_upstream_session();
    Asked { id: request.id.to_owned(), list, has_upstream_session, era: message.era() }
}

/// Some clients take any other answer to a notification for a fault.
pub(crate) fn accepted() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}
