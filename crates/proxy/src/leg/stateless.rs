//! Modern on both sides: the bytes pass as they came, but for what the gateway had given the client to bring back.

use std::sync::Arc;

use bytes::Bytes;
use ostiary_mcp::discover::without_tasks;
use ostiary_mcp::envelope::Request;
use ostiary_mcp::method::Method;
use ostiary_mcp::modern::named;
use ostiary_mcp::round::replace_state;
use ostiary_mcp::translate::{Down, Hints, with_capabilities};
use ostiary_mcp::version::{Era, Revision};

use crate::headers::{Repeated, UpstreamFacts};
use crate::known::is_of_other_era;
use crate::leg::unsent;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::seals::{Kind, Seal};
use crate::session::version_header;
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
    settlement: Option<Settlement>,
) -> Result<Upstream, Refusal> {
    let seal = state_seal(state, caller, request);
    let body = match body(message.body, request, seal.as_ref()) {
        Ok(body) => body,
        Err(refusal) => return Err(unsent(settlement, refusal)),
    };
    let facts = modern_facts(request);
    let sending = Sending { facts, body: Some(body), ..Sending::message(message) };
    let upstream = transmit(state, caller, sending, settlement).await?;
    if is_of_other_era(&upstream.head) {
        // It may be that the upstream is of the other era by now; whoever asks next finds out.
        state.known.doubt(caller).await;
    }
    let down = Down {
        from: Era::Modern,
        to: Era::Modern,
        method: request.method,
        id: None,
        progress_token: None,
        log_level: None,
        hints: Hints { ttl_max_ms: state.config.list_ttl_ms(), server_info: None },
        may_ask: false,
    };
    Ok(Upstream { reading: Reading { down: Some(down), state: seal, ..Reading::default() }, ..upstream })
}

/// What the headers of a modern request say.
pub(super) fn modern_facts<'a>(request: &'a Request<'_>) -> UpstreamFacts<'a> {
    facts(&request.method_name, named(request.method, &request.params))
}

/// The same, of a method and what it names.
pub(crate) fn facts<'a>(method: &'a str, name: Option<&'a str>) -> UpstreamFacts<'a> {
    UpstreamFacts {
        revision: version_header(Revision::V2026_07_28),
        repeated: Some(Repeated { method, name, params: None }),
        ..UpstreamFacts::default()
    }
}

/// The seal for what an upstream gives to bring back with the next round of this very request.
fn state_seal(state: &State, caller: &Caller, request: &Request<'_>) -> Option<Seal> {
    let can_ask = matches!(request.method, Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead);
    let name = named(request.method, &request.params).filter(|_| can_ask)?;
    Some(state.seals.of(caller, Kind::RequestState, &[&request.method_name, name]))
}

/// The request as it came, or with the upstream's own state in place of the sealed one, and without capabilities that
/// are not carried.
fn body(body: &Bytes, request: &Request<'_>, seal: Option<&Seal>) -> Result<Bytes, Refusal> {
    let mut out = body.clone();
    if let Some(raw) = request.params.request_state {
        let sealed = serde_json::from_str::<String>(raw).ok();
        let opened = seal.zip(sealed).and_then(|(seal, sealed)| seal.open(&sealed));
        let opened =
            opened.ok_or_else(|| Refusal::invalid_params("the requestState is none of this request, or is too old"))?;
        out = replace_state(&out, &opened).map_err(|_| Refusal::invalid_params(ODD))?.into();
    }
    let capabilities = request.params.meta.client_capabilities.filter(|raw| raw.contains("tasks"));
    if let Some(capabilities) = capabilities {
        let fewer = without_tasks(capabilities).map_err(|_| Refusal::invalid_params(ODD))?;
        out = with_capabilities(&out, &fewer).map_err(|_| Refusal::invalid_params(ODD))?.into();
    }
    Ok(out)
}

const ODD: &str = "the params must be those of the method, each written once";
