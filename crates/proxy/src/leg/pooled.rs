//! A legacy upstream and a client without a session there: the request goes up in a session that the gateway keeps there.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use ostiary_mcp::envelope::Request;
use ostiary_mcp::header::is_event_stream;
use ostiary_mcp::method::Method;
use ostiary_mcp::translate::{Down, Hints, LEVELS, to_legacy};
use ostiary_mcp::version::Era;

use crate::leg::{resumed, unsent};
use crate::origin::{Origin, Within};
use crate::pool::{Duty, PooledSession, Whose, set_level};
use crate::reading::{EventIds, Reading};
use crate::refusal::Refusal;
use crate::seals::Kind;
use crate::session::Session;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Sending, Upstream, transmit};
use crate::stage::parse::Message;
use crate::stage::settle::Settlement;
use crate::state::State;
use crate::talks::UnderWay;

/// How often a session is opened anew within one request. One that dies right after it was opened will not live.
const SESSIONS: usize = 2;

pub(super) async fn ask(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    mut settlement: Option<Settlement>,
) -> Result<Upstream, Refusal> {
    let whose = match message.session() {
        Some(session) => Whose::Client(session),
        None => Whose::Grant,
    };
    for attempt in 1..=SESSIONS {
        let session = match state.pool.get(state, caller, whose).await {
            Ok(session) => session,
            Err(refusal) => {
                state.known.doubt(caller).await;
                return Err(unsent(settlement, refusal));
            }
        };
        let upstream = match whose {
            Whose::Grant => send(state, caller, message, request, &session, settlement).await?,
            Whose::Client(client) => {
                send_as_client(state, caller, message, request, client, &session, settlement).await?
            }
        };
        // A 404 in a session says that there is no such session: nothing of the request was done.
        let is_lost = upstream.head.status == StatusCode::NOT_FOUND && session.has_id();
        if !is_lost {
            if matches!(upstream.head.status, StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED)
                && matches!(whose, Whose::Grant)
            {
                // It may be of the other era by now; whoever asks next finds out, in a new session if not.
                state.known.doubt(caller).await;
                state.pool.forget(caller, whose, &session).await;
            }
            return Ok(upstream);
        }
        state.pool.forget(caller, whose, &session).await;
        if attempt == SESSIONS {
            return Ok(upstream);
        }
        let Upstream { reading, settlement: unsettled, .. } = upstream;
        forgiven(reading);
        settlement = unsettled;
    }
    Err(unsent(settlement, Refusal::upstream_invalid()))
}

/// The upstream does not know the session, so it need not be told that a request of it is over.
fn forgiven(mut reading: Reading) {
    reading.answered();
}

async fn send(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    session: &Arc<PooledSession>,
    settlement: Option<Settlement>,
) -> Result<Upstream, Refusal> {
    let meta = &request.params.meta;
    if let Some(level) = meta.log_level.as_deref() {
        ensure_level(state, caller, session, level).await;
    }
    let id = session.next_id();
    let token = meta.progress_token.map(|_| format!("{id}-progress"));
    let body = match to_legacy(message.body, &id, token.as_deref()) {
        Ok(body) => Bytes::from(body),
        Err(_) => {
            let refusal = Refusal::invalid_params("the params must be those of the method, each written once");
            return Err(unsent(settlement, refusal));
        }
    };
    let mut duty = Duty::new(Arc::clone(session), id);
    let id = duty.raw_id().to_owned();
    let sending = Sending { facts: session.upstream_facts(), body: Some(body), ..Sending::message(message) };
    let mut upstream = match transmit(state, caller, sending, settlement).await {
        Ok(upstream) => upstream,
        Err(refusal) => {
            duty.done();
            return Err(refusal);
        }
    };
    let head = &upstream.head;
    if head.status == StatusCode::OK && head.headers.get(CONTENT_TYPE).is_some_and(is_event_stream) {
        let (state, caller, session) = (Arc::clone(state), caller.clone(), Arc::clone(session));
        upstream.body = resumed::Request { state, caller, session, id }.whole_stream(upstream.body);
    }
    let down = Down {
        from: Era::Legacy,
        to: message.era(),
        method: request.method,
        id: Some(request.id.as_raw().to_owned()),
        progress_token: meta.progress_token.map(str::to_owned),
        log_level: meta.log_level.as_deref().map(str::to_owned),
        hints: Hints { ttl_max_ms: 0, server_info: session.facts().server_info.clone() },
        may_ask: false,
    };
    let reading = Reading { down: Some(down), duty: Some(duty), ..Reading::default() };
    Ok(Upstream { reading, ..upstream })
}

/// The request of a client that has a session there: it goes up as it came.
async fn send_as_client(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    client: &Session,
    session: &Arc<PooledSession>,
    settlement: Option<Settlement>,
) -> Result<Upstream, Refusal> {
    let server = caller.server();
    if let Err(refusal) = subscribed(state, caller, request, client).await {
        return Err(unsent(settlement, refusal));
    }
    let id = request.id.as_raw();
    let under_way = UnderWay::begin(&state.talks, caller.account_id(), &client.text, id, session);
    let sending = Sending { facts: session.upstream_facts(), ..Sending::message(message) };
    let upstream = transmit(state, caller, sending, settlement).await?;
    let reading = match &message.server {
        Some(_) => {
            let within = Within::new(state, caller, client, session.place());
            Reading { origin: Some(Origin::within(server.slug.as_str(), within)), ..Reading::default() }
        }
        None => {
            let ids = EventIds::Sealed(state.seals.of(caller, Kind::EventId, &[&client.text]));
            Reading { ids, ..Reading::default() }
        }
    };
    Ok(Upstream { reading: Reading { under_way: Some(under_way), ..reading }, ..upstream })
}

/// Notes a subscription, so that it outlives the session there.
///
/// # Errors
///
/// 503 when the other processes cannot be told.
async fn subscribed(state: &State, caller: &Caller, request: &Request<'_>, client: &Session) -> Result<(), Refusal> {
    let is_wanted = match request.method {
        Method::ResourcesSubscribe => true,
        Method::ResourcesUnsubscribe => false,
        _ => return Ok(()),
    };
    let Some(uri) = request.params.uri.as_deref() else { return Ok(()) };
    let standing = state.standings.of(&client.text);
    match (state.shared.at(caller, &client.text), is_wanted) {
        (Some(share), _) => share.subscribe(uri, is_wanted).await.map_err(|_| Refusal::unavailable())?,
        (None, true) => standing.subscribe(caller.server().id, uri),
        (None, false) => standing.unsubscribe(caller.server().id, uri),
    }
    Ok(())
}

/// Has the upstream send log messages of a level, when it does not yet: in its era they are asked for once a session.
/// What the request did not ask for is left out on the way down.
async fn ensure_level(state: &State, caller: &Caller, session: &PooledSession, level: &str) {
    let rank = |level: &str| LEVELS.iter().position(|name| *name == level);
    let Some(wanted) = rank(level) else { return };
    let mut set = session.level.lock().await;
    if set.as_deref().and_then(rank).is_some_and(|set| set <= wanted) {
        return;
    }
    // A server that has no levels, or does not answer, sends what it sends: the request itself is what matters.
    if set_level(state, caller, session, level).await {
        *set = Some(level.to_owned());
    }
}
