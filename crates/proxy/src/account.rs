//! The account's endpoint: every server that a grant is bound to, behind one address.
//!
//! To its clients it is one server of either era; behind it each request goes to one upstream by the way of every other
//! request, under the name that the upstream knows, and is decided, recorded and answered there. Lists are merged. It has
//! no session at an upstream of its own: where one is needed the pool has it, opened when first needed. What servers say
//! and ask on the way has the names of this endpoint ([`Origin`](crate::origin::Origin)).

mod changes;
mod deliver;
mod describe;
mod feeds;
mod lists;
mod open;
mod resume;
mod route;
pub(crate) mod standing;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body::Body as HttpBody;
use ostiary_mcp::Method as RpcMethod;
use ostiary_mcp::envelope;
use ostiary_mcp::error::empty_result;
use ostiary_mcp::version::Era;

use crate::account::standing::is_ended;
use crate::body::Body;
use crate::bounds::Turn;
use crate::pipeline::{ALLOW, accepted, call};
use crate::refusal::{self, Refusal};
use crate::stage::authenticate::Visitor;
use crate::stage::parse::{Errand, Message, acceptable, parse, receive, session};
use crate::state::State;

/// Serves one HTTP request at the account's endpoint.
pub(crate) async fn serve<B>(
    state: &Arc<State>,
    visitor: Visitor,
    head: &Parts,
    body: B,
    arrived: Instant,
) -> Result<Response<Body>, Refusal>
where
    B: HttpBody<Data = Bytes> + Send,
{
    let turn = state.turns.take(visitor.account_id(), body.size_hint().lower()).await;
    let turn = turn.ok_or_else(Refusal::too_many_calls)?;
    match head.method {
        Method::POST => post(state, visitor, head, body, arrived, turn).await,
        Method::GET => {
            let visitor = visitor.confirmed(state).await?;
            changes::open_stream(state, visitor, &head.headers).await
        }
        Method::DELETE => {
            let visitor = visitor.confirmed(state).await?;
            let session = session(state, &visitor, &head.headers)?;
            if is_ended(state, visitor.account_id(), &session.text).await {
                return Err(Refusal::session_not_found());
            }
            deliver::end(state, &visitor, &session).await
        }
        _ => Err(Refusal::method_not_allowed(ALLOW)),
    }
}

async fn post<B>(
    state: &Arc<State>,
    visitor: Visitor,
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
    let visitor = if visitor.is_current(state) { visitor } else { visitor.again(state).await? };
    let message = parse(state, &visitor, &head.headers, &body, arrived)?;
    let id = message.request_id();
    if message.session().is_some_and(|session| state.standings.is_ended(&session.text)) {
        return Err(Refusal::session_not_found().to(id));
    }
    let served = run(state, visitor, &message, turn).await;
    served.map_err(|refusal| {
        let refusal = refusal.in_era(message.era());
        if id.is_some() { refusal.to(id) } else { refusal.without_request() }
    })
}

async fn run(
    state: &Arc<State>,
    visitor: Visitor,
    message: &Message<'_>,
    turn: Turn,
) -> Result<Response<Body>, Refusal> {
    let errand = message.errand()?;
    // A call finds out while it is admitted.
    if let (Some(session), false) = (message.session(), matches!(errand, Errand::Call(..)))
        && is_ended(state, visitor.account_id(), &session.text).await
    {
        return Err(Refusal::session_not_found());
    }
    let visitor = match errand {
        // A call finds out when it is admitted; a ping says nothing of the account.
        Errand::Call(..) | Errand::Ping(_) | Errand::Discover(_) => visitor,
        _ => visitor.confirmed(state).await?,
    };
    match errand {
        Errand::Initialize(request) => open::initialize(state, &visitor, request).await,
        Errand::Discover(request) => {
            let facts = describe::facts(state, &visitor, Era::Modern).await;
            Ok(refusal::json(StatusCode::OK, facts.discover(request.id, Era::Modern, state.config.list_ttl_ms())))
        }
        Errand::Ping(request) => Ok(refusal::json(StatusCode::OK, empty_result(request.id))),
        Errand::List(request, kind) => {
            let answer = lists::merged(state, &visitor, message, request, kind).await;
            drop(turn);
            answer
        }
        Errand::Listen(request) => changes::listen(state, visitor, request).await,
        Errand::Call(request, _) => routed(state, &visitor, message, request, turn).await,
        Errand::Carry(request) => match message.session() {
            Some(session) if request.method == RpcMethod::SetLevel => {
                deliver::level(state, &visitor, session, request).await
            }
            _ => Err(Refusal::unknown_method()),
        },
        Errand::Deliver => deliver::deliver(state, &visitor, message).await,
        Errand::Swallow => Ok(accepted()),
    }
}

/// A call, on its way to the one upstream that it names.
async fn routed(
    state: &Arc<State>,
    visitor: &Visitor,
    message: &Message<'_>,
    request: &envelope::Request<'_>,
    turn: Turn,
) -> Result<Response<Body>, Refusal> {
    let (caller, body) = route::of(state, visitor, message, request).await?;
    let message = message.put_for(caller.server().slug.as_str(), &body, state.config.json_depth)?;
    match message.errand()? {
        Errand::Call(request, target) => call(state, caller, &message, request, target, turn).await,
        _ => Err(Refusal::unknown_method()),
    }
}
