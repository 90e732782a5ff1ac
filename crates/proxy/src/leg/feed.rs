//! Changes that an upstream tells of, between the eras: the standalone stream of a session on the one side, a
//! subscription on the other.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use ostiary_mcp::method::Method;
use ostiary_mcp::subscription::{Change, Filter};
use ostiary_mcp::translate::{Carried as Meta, Down, Hints, to_modern};
use ostiary_mcp::version::Era;

use crate::leg::modern_facts;
use crate::pool::Whose;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{ANY_ANSWER, Carried, Passage, Sending, Upstream, forward};
use crate::state::State;
use crate::upstream_body::{Pipe, UpstreamBody};

/// A modern client's subscription, opened by a request of the raw id `id`, to a legacy upstream: what the standalone
/// stream of the grant's session there says.
///
/// # Errors
///
/// When there is no session to be had.
pub(crate) async fn listen_at_legacy(
    state: &Arc<State>,
    caller: &Caller,
    id: &str,
    wanted: &Filter,
) -> Result<UpstreamBody, Refusal> {
    let session = state.pool.get(state, caller, Whose::Grant).await?;
    // A subscription to one resource does not go between the eras.
    let filter = Filter { uris: Vec::new(), ..wanted.clone() };
    let id = id.to_owned();
    Ok(UpstreamBody::piped(|pipe| async move {
        if !pipe.event(&filter.acknowledged(&id)).await {
            return;
        }
        let mut changes = session.changes().await;
        loop {
            match changes.recv().await {
                Ok(change) => {
                    if !tell(&pipe, &filter, change, &id).await {
                        return;
                    }
                }
                // Whoever missed some is told of all.
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {
                    for change in Change::ALL {
                        if !tell(&pipe, &filter, change, &id).await {
                            return;
                        }
                    }
                }
                // The upstream has no such stream, or no longer: nothing more will come of it, and the client stays
                // subscribed to what the gateway itself has to tell.
                Err(tokio::sync::broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }))
}

async fn tell(pipe: &Pipe, filter: &Filter, change: Change, id: &str) -> bool {
    if filter.wants(change) { pipe.event(&change.notification(Some(id))).await } else { true }
}

/// A legacy client's standalone stream at a modern upstream: a subscription to everything that changes.
///
/// # Errors
///
/// What forwarding fails with.
pub(crate) async fn listen_for_legacy(
    state: &Arc<State>,
    caller: &Caller,
    session: &Session,
) -> Result<Upstream, Refusal> {
    let filter = Filter { tools: true, prompts: true, resources: true, uris: Vec::new() };
    let level = state.talks.level(caller.account_id(), &session.text).await;
    let carried = Meta { capabilities: &session.payload.capabilities, client_info: None, log_level: level.as_deref() };
    subscribe(state, caller, "\"ostiary-listen\"", &filter, carried).await
}

/// How a legacy client reads such a subscription.
pub(crate) fn reading_for_legacy() -> Reading {
    let down = Down {
        from: Era::Modern,
        to: Era::Legacy,
        method: Method::Listen,
        id: None,
        progress_token: None,
        log_level: None,
        hints: Hints { ttl_max_ms: 0, server_info: None },
        may_ask: false,
    };
    Reading { down: Some(down), ..Reading::default() }
}

/// Subscribes to changes at a modern upstream, with a request of the raw id `id`.
///
/// # Errors
///
/// What forwarding fails with.
pub(crate) async fn subscribe(
    state: &State,
    caller: &Caller,
    id: &str,
    filter: &Filter,
    carried: Meta<'_>,
) -> Result<Upstream, Refusal> {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"subscriptions/listen","params":{{"notifications":{}}}}}"#,
        filter.to_json()
    );
    let body = to_modern(body.as_bytes(), carried).map_err(|_| Refusal::unavailable())?;
    let headers = HeaderMap::new();
    let sending = Sending {
        method: http::Method::POST,
        headers: &headers,
        accept: ANY_ANSWER,
        facts: modern_facts("subscriptions/listen", None),
        body: Some(Bytes::from(body)),
    };
    forward(state, caller, sending, Passage::Carried(Carried::without_message())).await
}
