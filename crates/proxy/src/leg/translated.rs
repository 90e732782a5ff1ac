//! A legacy client and a modern upstream: every request carries what the session of the client says once.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use ostiary_mcp::envelope::Request;
use ostiary_mcp::method::Method;
use ostiary_mcp::modern::named;
use ostiary_mcp::translate::{Carried, Down, Hints, to_modern};
use ostiary_mcp::version::Era;

use crate::headers::{Repeated, UpstreamFacts};
use crate::known::is_of_other_era;
use crate::leg::rounds::{Call, continued};
use crate::leg::stateless::modern_facts;
use crate::leg::unsent;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Sending, Upstream, transmit};
use crate::stage::parse::Message;
use crate::stage::settle::Settlement;
use crate::state::State;

pub(super) async fn ask(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    session: &Session,
    settlement: Option<Settlement>,
) -> Result<Upstream, Refusal> {
    if matches!(request.method, Method::ResourcesSubscribe | Method::ResourcesUnsubscribe) {
        // Not advertised either: in the other era it is a part of a stream.
        return Err(unsent(settlement, Refusal::unknown_method()));
    }
    let payload = &session.payload;
    let client_info = serde_json::to_string(&payload.client).ok();
    let level = state.talks.level(caller.account_id(), &session.text).await;
    let carried = Carried {
        capabilities: &payload.capabilities,
        client_info: client_info.as_deref(),
        log_level: level.as_deref(),
    };
    let Ok(body) = to_modern(message.body, carried) else {
        let refusal = Refusal::invalid_params("the params must be those of the method, each written once");
        return Err(unsent(settlement, refusal));
    };
    let body = Bytes::from(body);
    let params = param_headers(state, caller, request).await;
    let repeated = modern_facts(request);
    let facts = UpstreamFacts {
        repeated: repeated.repeated.map(|repeated| Repeated { params: params.as_ref(), ..repeated }),
        ..repeated
    };
    let sending = Sending { facts, body: Some(body.clone()), ..Sending::message(message) };
    let running = state.talks.run(caller.account_id(), &session.text, request.id.as_raw());
    let sent = tokio::select! {
        sent = transmit(state, caller, sending, settlement) => sent,
        () = running.cancelled() => Err(Refusal::cancelled()),
    };
    let mut upstream = sent?;
    if is_of_other_era(&upstream.head) {
        state.known.doubt(caller).await;
    }
    let can_be_asked = payload.capabilities.len() > "{}".len();
    let takes_rounds = matches!(request.method, Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead);
    if can_be_asked && takes_rounds {
        let mut headers = message.headers.clone();
        headers.extend(params.unwrap_or_default());
        let call = Call {
            state: Arc::clone(state),
            caller: caller.clone(),
            id: request.id.to_owned(),
            session: Arc::clone(&session.text),
            capabilities: payload.capabilities.clone(),
            headers,
            body,
            method: request.method_name.clone().into_owned(),
            name: named(request.method, &request.params).map(str::to_owned),
        };
        upstream = continued(call, upstream).await?;
    }
    upstream.body.running = Some(running);
    let down = Down {
        from: Era::Modern,
        to: Era::Legacy,
        method: request.method,
        id: None,
        progress_token: None,
        log_level: None,
        hints: Hints { ttl_max_ms: 0, server_info: None },
        may_ask: can_be_asked && takes_rounds,
    };
    Ok(Upstream { reading: Reading { down: Some(down), ..Reading::default() }, ..upstream })
}

/// The headers of arguments that the tool's schema asks for: a legacy client sends none.
async fn param_headers(state: &State, caller: &Caller, request: &Request<'_>) -> Option<HeaderMap> {
    if request.method != Method::ToolsCall {
        return None;
    }
    let inventory = caller.endpoint.inventory(&state.inventories, caller.grant.epoch).await.ok()?;
    let params = inventory.param_headers(request.params.name.as_deref()?)?;
    let mut headers = HeaderMap::new();
    for (name, text) in params.write(request.params.arguments) {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
    Some(headers)
}
