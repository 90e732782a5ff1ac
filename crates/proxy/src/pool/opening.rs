//! How a session at an upstream begins, and what the gateway asks in it by itself.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use ostiary_mcp::discover::ServerFacts;
use ostiary_mcp::header::SESSION_ID;
use ostiary_mcp::version::LATEST;
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::headers::{UpstreamFacts, upwards};
use crate::listing::Listing;
use crate::origin::Place;
use crate::pool::PooledSession;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::shared::{Found, Put};
use crate::stage::authenticate::Caller;
use crate::stage::forward::{ANY_ANSWER, Carried, Passage, Sending, forward};
use crate::state::State;
use crate::whole::whole;

/// How long an upstream may take over what the gateway asks by itself.
const ASIDE: Duration = Duration::from_secs(5);

/// What an upstream is told of its client.
///
/// Of one without a session that it can nothing that it would have to be asked for, because no request of the upstream's
/// can reach it.
fn greeting(client: Option<&Session>) -> Value {
    match client.map(|session| &session.payload) {
        None => json!({
            "protocolVersion": LATEST.as_str(), "capabilities": {},
            "clientInfo": {"name": "ostiary", "version": env!("CARGO_PKG_VERSION")},
        }),
        Some(payload) => json!({
            "protocolVersion": payload.revision.as_str(),
            "capabilities": serde_json::from_str::<Value>(&payload.capabilities).unwrap_or_else(|_| json!({})),
            "clientInfo": {
                "name": payload.client.name.as_deref().unwrap_or_default(),
                "version": payload.client.version.as_deref().unwrap_or_default(),
            },
        }),
    }
}

/// The session of a client, or of a grant. That of a client is one that another process opened for it, where there is
/// one; a new one is told what its client had told one that died.
pub(super) async fn open(state: &State, caller: &Caller, client: Option<Session>) -> Result<PooledSession, Refusal> {
    let Some(client) = client else { return begin(state, caller, None).await };
    let share = state.shared.at(caller, &client.text);
    let (found, subscriptions) = match &share {
        Some(share) => share.read().await,
        None => (None, state.standings.of(&client.text).subscriptions(caller.server().id)),
    };
    if let Some(found) = found {
        return join(state, caller, found).await;
    }
    let mut session = begin(state, caller, Some(&client)).await?;
    if let Some(share) = share {
        match share.put(&session.place(), session.facts()).await {
            Put::Ours(held) => session = session.held(held),
            // Dropping the one of ours ends it.
            Put::Theirs(found) => return join(state, caller, found).await,
            Put::Alone => {}
        }
    }
    restore(state, caller, &session, &client, &subscriptions).await;
    Ok(session)
}

/// The session that another process opened for a client, if there is one.
pub(super) async fn opened_elsewhere(state: &State, caller: &Caller, client: &Session) -> Option<PooledSession> {
    let (found, _) = state.shared.at(caller, &client.text)?.read().await;
    join(state, caller, found?).await.ok()
}

/// A session that another process opened.
async fn join(state: &State, caller: &Caller, found: Found) -> Result<PooledSession, Refusal> {
    let Found { place, facts, held } = found;
    let credentials = caller.endpoint.credentials(&state.credentials).await.map_err(|_| Refusal::unavailable())?;
    let headers = |facts: UpstreamFacts<'_>| upwards(&HeaderMap::new(), ANY_ANSWER, facts, credentials);
    Ok(PooledSession::new(state, caller, place, facts, headers).held(held))
}

/// Begins a session: `initialize`, and the notification that it is open.
async fn begin(state: &State, caller: &Caller, client: Option<&Session>) -> Result<PooledSession, Refusal> {
    let params = greeting(client);
    let body = json!({"jsonrpc": "2.0", "id": "ostiary-initialize", "method": "initialize", "params": params});
    let headers = HeaderMap::new();
    let sending = |facts, body: String| Sending {
        method: Method::POST,
        headers: &headers,
        accept: ANY_ANSWER,
        facts,
        body: Some(Bytes::from(body)),
    };
    let passage = || Passage::Carried(Carried::without_message());
    let upstream = forward(state, caller, sending(UpstreamFacts::default(), body.to_string()), passage()).await?;
    let id = match upstream.head.headers.get(SESSION_ID).map(HeaderValue::to_str).transpose() {
        Ok(id) => id.map(str::to_owned),
        Err(_) => return Err(Refusal::upstream_invalid()),
    };
    let answer = whole(state, &upstream.head, upstream.body).await?;
    let (facts, revision) = ServerFacts::of_initialize(&answer.message).ok_or_else(Refusal::upstream_invalid)?;
    let credentials = caller.endpoint.credentials(&state.credentials).await.map_err(|_| Refusal::unavailable())?;
    let place = Place { session: id, revision };
    let session =
        PooledSession::new(state, caller, place, facts, |facts| upwards(&headers, ANY_ANSWER, facts, credentials));
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string();
    let notified = forward(state, caller, sending(session.upstream_facts(), initialized), passage()).await?;
    match notified.head.status {
        status if status.is_success() => {}
        StatusCode::NOT_FOUND => return Err(Refusal::upstream_invalid()),
        status => return Err(Refusal::upstream_status(status)),
    }
    Ok(session)
}

/// Tells a new session what the one before was told.
async fn restore(state: &State, caller: &Caller, session: &PooledSession, client: &Session, subscriptions: &[String]) {
    if let Some(level) = state.talks.level(caller.account_id(), &client.text).await {
        set_level(state, caller, session, &level).await;
    }
    if subscriptions.is_empty() {
        return;
    }
    // What a grant may not read it is not told of either.
    let Ok(listing) = Listing::of(state, caller).await else { return };
    for uri in subscriptions.iter().filter(|uri| listing.shows_resource(uri)) {
        request(state, caller, session, "resources/subscribe", &json!({"uri": uri})).await;
    }
}

/// Has an upstream send log messages from a level on, if it has any.
pub(crate) async fn set_level(state: &State, caller: &Caller, session: &PooledSession, level: &str) -> bool {
    session.has_levels() && request(state, caller, session, "logging/setLevel", &json!({"level": level})).await
}

/// Sends a request of the gateway's own in a session; whether a result came.
async fn request(state: &State, caller: &Caller, session: &PooledSession, method: &str, params: &Value) -> bool {
    let body = json!({"jsonrpc": "2.0", "id": session.next_id(), "method": method, "params": params});
    let headers = HeaderMap::new();
    let sending = Sending {
        method: Method::POST,
        headers: &headers,
        accept: ANY_ANSWER,
        facts: session.upstream_facts(),
        body: Some(body.to_string().into()),
    };
    let asked = async {
        let upstream = forward(state, caller, sending, Passage::Carried(Carried::without_message())).await?;
        whole(state, &upstream.head, upstream.body).await
    };
    match tokio::time::timeout(ASIDE, asked).await {
        Ok(Ok(answer)) => matches!(answer::read(&answer.message), Some(Answer::Result)),
        _ => false,
    }
}
