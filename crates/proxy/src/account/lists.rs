//! Lists of all servers of a grant as one.
//!
//! All are asked at once, for as long as [`PATIENCE`]; one that is dead or slow is left out and named, and delays nobody
//! beyond that. A page is one page of each server that has more, so that nothing has to be kept between pages: where each
//! server goes on is in the cursor, sealed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Response, StatusCode};
use ostiary_mcp::ListKind;
use ostiary_mcp::envelope::{Envelope, Request};
use ostiary_mcp::error::codes;
use ostiary_mcp::lists::Filtered;
use ostiary_mcp::merge::{Page, Part, with_param, write};

use crate::account::describe::server_info;
use crate::answer::{self, Answer};
use crate::body::Body;
use crate::leg::ask;
use crate::listing::Listing;
use crate::refusal::{self, Reason, Refusal};
use crate::seals::Kind;
use crate::stage::authenticate::{Caller, Visitor};
use crate::stage::forward::{Carried, Passage, Upstream};
use crate::stage::parse::Message;
use crate::state::State;
use crate::whole::whole;

/// How long the servers are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The page of the list that a request asks for.
///
/// # Errors
///
/// Invalid params for a cursor that was not given to this grant for this list, or is too old.
pub(super) async fn merged(
    state: &Arc<State>,
    visitor: &Visitor,
    message: &Message<'_>,
    request: &Request<'_>,
    kind: ListKind,
) -> Result<Response<Body>, Refusal> {
    let seal = state.seals.of(visitor, Kind::Cursor, &[kind.member()]);
    let asked: Vec<(Caller, Option<String>)> = match request.params.cursor.as_deref() {
        None => visitor.callers().map(|caller| (caller, None)).collect(),
        Some(cursor) => {
            let places = seal.open(cursor).and_then(|text| serde_json::from_str::<Vec<(String, String)>>(&text).ok());
            let places =
                places.ok_or_else(|| Refusal::invalid_params("the cursor is none of this list, or is too old"))?;
            // A server that the grant lost meanwhile has no more pages.
            let place = |(server, cursor): (String, String)| visitor.at(&server).map(|caller| (caller, Some(cursor)));
            places.into_iter().filter_map(place).collect()
        }
    };
    let pages = asked.iter().map(|(caller, cursor)| async {
        let page = tokio::time::timeout(PATIENCE, page(state, caller, message, kind, cursor.as_deref())).await;
        page.unwrap_or(Err("timeout"))
    });
    let pages = join_all(pages).await;
    let (mut parts, mut more, mut unavailable) = (Vec::new(), Vec::new(), Vec::new());
    for ((caller, _), page) in asked.iter().zip(pages) {
        let slug = caller.server().slug.as_str();
        match page {
            Ok(part) => {
                more.extend(part.next_cursor.clone().map(|cursor| (slug, cursor)));
                parts.push(part);
            }
            Err(reason) => unavailable.push((slug, reason)),
        }
    }
    let next = serde_json::to_string(&more).ok().filter(|_| !more.is_empty()).map(|places| seal.seal(&places));
    let page = Page {
        kind,
        era: message.era(),
        next_cursor: next.as_deref(),
        unavailable: &unavailable,
        server_info: &server_info(visitor),
        ttl_ms: state.config.list_ttl_ms(),
    };
    Ok(refusal::json(StatusCode::OK, write(request.id, page, &parts)))
}

/// One page of one server, or a word for why there is none.
async fn page(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    kind: ListKind,
    cursor: Option<&str>,
) -> Result<Part, &'static str> {
    read(state, caller, message, kind, cursor).await.map_err(|refusal| {
        tracing::info!(server.id = %caller.server().id, reason = refusal.reason().as_str(), "a server is left out of a list");
        match refusal.reason() {
            Reason::UpstreamTimeout => "timeout",
            Reason::UpstreamUnreachable | Reason::CircuitOpen => "unreachable",
            _ => "error",
        }
    })
}

async fn read(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    kind: ListKind,
    cursor: Option<&str>,
) -> Result<Part, Refusal> {
    let listing = Listing::of(state, caller).await?;
    let body = with_param(message.body, "cursor", cursor).map_err(|_| Refusal::upstream_invalid())?;
    let body = Bytes::from(body);
    let message = message.put_for(caller.server().slug.as_str(), &body, state.config.json_depth)?;
    let errand = message.errand()?;
    let (Envelope::Request(request), Some(carried)) = (&message.envelope, Carried::of(&errand)) else {
        return Err(Refusal::unknown_method());
    };
    let upstream = ask(state, caller, &message, request, Passage::Carried(carried)).await?;
    let Upstream { head, body, mut reading, .. } = upstream;
    reading.answered();
    if head.status == StatusCode::NOT_FOUND {
        // How a stateless server says that it has no such list; in a session it would have been opened anew.
        return Ok(Part::default());
    }
    let answer = whole(state, &head, body).await?;
    match answer::read(&answer.message) {
        Some(Answer::RpcError(codes::METHOD_NOT_FOUND)) => return Ok(Part::default()),
        Some(Answer::Result) => {}
        _ => return Err(Refusal::upstream_invalid()),
    }
    let filtered = match listing.filter(&answer.message, Some(kind)) {
        Ok(Filtered::Unchanged) => answer.message,
        Ok(Filtered::Rewritten(message)) => message.into(),
        Err(_) => return Err(Refusal::upstream_invalid()),
    };
    let read = reading.message(&filtered)?.ok_or_else(Refusal::upstream_invalid)?;
    let part = Part::read(&read, kind, caller.server().slug.as_str());
    part.ok().flatten().ok_or_else(Refusal::upstream_invalid)
}
