//! A legacy upstream and a client without a session there: the request goes up in a session that the gateway keeps there.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use ostiary_mcp::envelope::Request;
use ostiary_mcp::translate::{Down, Hints, to_legacy};
use ostiary_mcp::version::Era;
use serde_json::json;

use crate::leg::unsent;
use crate::pool::{Duty, PooledSession};
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Carried, Passage, Sending, Upstream, forward, transmit};
use crate::stage::parse::Message;
use crate::stage::settle::Settlement;
use crate::state::State;

/// How often a session is opened anew within one request. One that dies right after it was opened will not live.
const SESSIONS: usize = 2;

pub(super) async fn ask(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    mut settlement: Option<Settlement>,
) -> Result<Upstream, Refusal> {
    for attempt in 1..=SESSIONS {
        let session = match state.pool.get(state, caller).await {
            Ok(session) => session,
            Err(refusal) => {
                state.known.doubt(caller).await;
                return Err(unsent(settlement, refusal));
            }
        };
        let upstream = send(state, caller, message, request, &session, settlement).await?;
        // A 404 in a session says that there is no such session: nothing of the request was done.
        let is_lost = upstream.head.status == StatusCode::NOT_FOUND && session.has_id();
        if !is_lost {
            if matches!(upstream.head.status, StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED) {
                // It may be of the other era by now; whoever asks next finds out, in a new session if not.
                state.known.doubt(caller).await;
                state.pool.forget(caller, &session).await;
            }
            return Ok(upstream);
        }
        state.pool.forget(caller, &session).await;
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
    let sending = Sending { facts: session.upstream_facts(), body: Some(body), ..Sending::message(message) };
    let upstream = match transmit(state, caller, sending, settlement).await {
        Ok(upstream) => upstream,
        Err(refusal) => {
            duty.done();
            return Err(refusal);
        }
    };
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

/// Has the upstream send log messages of a level, when it does not yet: in its era they are asked for once a session.
/// What the request did not ask for is left out on the way down.
async fn ensure_level(state: &State, caller: &Caller, session: &PooledSession, level: &str) {
    const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
    let rank = |level: &str| LEVELS.iter().position(|name| *name == level);
    let Some(wanted) = rank(level) else { return };
    let mut set = session.level.lock().await;
    if set.as_deref().and_then(rank).is_some_and(|set| set <= wanted) {
        return;
    }
    let ask =
        json!({"jsonrpc": "2.0", "id": session.next_id(), "method": "logging/setLevel", "params": {"level": level}});
    let headers = http::HeaderMap::new();
    let sending = Sending {
        method: http::Method::POST,
        headers: &headers,
        accept: crate::stage::forward::ANY_ANSWER,
        facts: session.upstream_facts(),
        body: Some(ask.to_string().into()),
    };
    let asked = forward(state, caller, sending, Passage::Carried(Carried::without_message())).await;
    // A server that has no levels, or does not answer, sends what it sends: the request itself is what matters.
    if asked.is_ok_and(|upstream| upstream.head.status.is_success()) {
        *set = Some(level.to_owned());
    }
}
