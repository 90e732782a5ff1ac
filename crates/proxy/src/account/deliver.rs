//! What a client of the account's endpoint says in its session that no server answers, and what concerns all of them.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, Method, Response, StatusCode};
use ostiary_mcp::Method as RpcMethod;
use ostiary_mcp::envelope::{Envelope, Request};
use ostiary_mcp::error::empty_result;
use ostiary_mcp::said::{progress_token, with_id, with_progress_token};
use ostiary_mcp::translate::LEVELS;

use crate::body::Body;
use crate::headers::UpstreamFacts;
use crate::origin::{Returned, returned};
use crate::pipeline::{accepted, take};
use crate::pool::set_level;
use crate::refusal::{self, Refusal};
use crate::seals::Kind;
use crate::session::{Session, version_header};
use crate::stage::authenticate::Visitor;
use crate::stage::forward::{ANY_ANSWER, Carried, Passage, Sending, forward};
use crate::stage::parse::Message;
use crate::state::State;

/// Brings an answer or a notification to whom it is for.
///
/// # Errors
///
/// What an answer fails with on its way to the server that asked.
pub(super) async fn deliver(
    state: &Arc<State>,
    visitor: &Visitor,
    message: &Message<'_>,
) -> Result<Response<Body>, Refusal> {
    let Some(session) = message.session() else { return Ok(accepted()) };
    let given = |text: &str| returned(state, visitor, session, Kind::RequestId, text);
    match &message.envelope {
        Envelope::Response(response) => {
            let id = response.id.and_then(|id| serde_json::from_str::<String>(id.as_raw()).ok());
            if let Some(to) = id.and_then(|id| given(&id)) {
                let body = with_id(message.body, &to.what).map_err(|_| Refusal::invalid_params(ODD))?;
                return bring(state, &to, body).await;
            }
        }
        Envelope::Notification(notification) => match notification.method {
            RpcMethod::Progress => {
                if let Some(to) = progress_token(message.body).and_then(|token| given(&token)) {
                    let body = with_progress_token(message.body, &to.what).map_err(|_| Refusal::invalid_params(ODD))?;
                    return bring(state, &to, body).await;
                }
            }
            RpcMethod::RootsListChanged => {
                for caller in visitor.callers() {
                    if let Some(there) = state.pool.find_anywhere(state, &caller, session).await {
                        there.post(message.body.to_vec());
                    }
                }
            }
            _ => {}
        },
        Envelope::Request(_) => {}
    }
    // It may be about what the gateway asked, or asked for, in place of a server without sessions.
    take(state, visitor.account_id(), message).await?;
    Ok(accepted())
}

const ODD: &str = "the message must be one of its kind, with each member written once";

/// Sends a message into the session at the server that it belongs to.
async fn bring(state: &State, to: &Returned, body: Vec<u8>) -> Result<Response<Body>, Refusal> {
    let headers = HeaderMap::new();
    let facts = UpstreamFacts {
        session: to.place.session.as_deref(),
        revision: version_header(to.place.revision),
        ..UpstreamFacts::default()
    };
    let body = Some(Bytes::from(body));
    let sending = Sending { method: Method::POST, headers: &headers, accept: ANY_ANSWER, facts, body };
    let upstream = forward(state, &to.caller, sending, Passage::Carried(Carried::without_message())).await?;
    match upstream.head.status {
        status if status.is_success() => Ok(accepted()),
        // The server has forgotten what it asked. The client's own session lives.
        StatusCode::NOT_FOUND => Ok(accepted()),
        status => Err(Refusal::upstream_status(status)),
    }
}

/// Takes the level of log messages of a session, for the servers at which it has one, and for those to come.
///
/// # Errors
///
/// Invalid params for a level that there is none.
pub(super) async fn level(
    state: &Arc<State>,
    visitor: &Visitor,
    session: &Session,
    request: &Request<'_>,
) -> Result<Response<Body>, Refusal> {
    let level = request.params.level.as_deref().filter(|level| LEVELS.contains(level));
    let level = level.ok_or_else(|| Refusal::invalid_params("there is no such level of log messages"))?;
    let kept = state.talks.set_level(visitor.account_id(), &session.text, level).await;
    kept.map_err(|_| Refusal::unavailable())?;
    let told = visitor.callers().map(|caller| async move {
        if let Some(there) = state.pool.find_anywhere(state, &caller, session).await {
            set_level(state, &caller, &there, level).await;
        }
    });
    join_all(told).await;
    Ok(refusal::json(StatusCode::OK, empty_result(request.id)))
}

/// Ends what the client has at servers. Its own session is sealed and not stored; that it ended is noted.
///
/// # Errors
///
/// 503 when the other processes cannot be told.
pub(super) async fn end(state: &State, visitor: &Visitor, session: &Session) -> Result<Response<Body>, Refusal> {
    // First, so that none is opened meanwhile.
    state.shared.end(visitor.account_id(), &session.text).await.map_err(|_| Refusal::unavailable())?;
    state.standings.end(&session.text);
    for caller in visitor.callers() {
        state.pool.end(state, &caller, session).await;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}
