//! The way of one request to one upstream and back, in the upstream's own era.
//!
//! Where client and upstream are of one era the bytes that were judged are the bytes that are sent. Between the eras a
//! request is put in the other's words: its name and arguments stay the bytes that were judged.

mod feed;
mod late;
mod pooled;
mod resumed;
mod rounds;
mod stateless;
mod translated;

use std::sync::Arc;

use ostiary_mcp::envelope::Request;
use ostiary_mcp::version::Era;

use crate::pool::Whose;
use crate::reading::{EventIds, Reading};
use crate::refusal::{Reason, Refusal};
use crate::seals::Kind;
use crate::session::Session;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Passage, Sending, Upstream, transmit};
use crate::stage::parse::Message;
use crate::stage::settle::Settlement;
use crate::state::State;

pub(crate) use feed::{listen_at_legacy, listen_for_legacy, reading_for_legacy, subscribe};
pub(crate) use late::standalone as late_stream;
pub(crate) use stateless::facts as modern_facts;

/// Sends a request to the caller's upstream and waits for the head of the answer. Dropping the future cancels it.
///
/// # Errors
///
/// What the client is told when there is no answer; a call is settled then.
pub(crate) async fn ask(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    passage: Passage,
) -> Result<Upstream, Refusal> {
    let settlement = passage.begin(state);
    match (message.session(), upstream_era(state, caller, message).await) {
        (Some(session), Ok(Era::Legacy)) if !session.is_without_upstream() => {
            own(state, caller, message, session, settlement).await
        }
        (Some(session), Ok(Era::Modern)) => {
            Box::pin(translated::ask(state, caller, message, request, session, settlement)).await
        }
        (None, Ok(Era::Modern)) => Box::pin(stateless::ask(state, caller, message, request, settlement)).await,
        (_, Ok(Era::Legacy)) => Box::pin(pooled::ask(state, caller, message, request, settlement)).await,
        (_, Err(refusal)) => Err(unsent(settlement, refusal)),
    }
}

/// The era of the upstream, as the client's session has it, or as it is known.
async fn upstream_era(state: &Arc<State>, caller: &Caller, message: &Message<'_>) -> Result<Era, Refusal> {
    match message.session() {
        Some(session) if !session.is_without_upstream() => Ok(session.upstream_era()),
        Some(session) => Box::pin(era_for(state, caller, session)).await,
        None => Box::pin(state.known.era(state, caller)).await,
    }
}

/// The era in which an upstream is spoken to for a client whose session has none there: the client's own, where the
/// upstream takes a session.
///
/// # Errors
///
/// When it has to be asked and does not answer.
pub(crate) async fn era_for(state: &Arc<State>, caller: &Caller, session: &Session) -> Result<Era, Refusal> {
    if state.known.era(state, caller).await? == Era::Legacy {
        return Ok(Era::Legacy);
    }
    if state.known.refuses_sessions(state, caller).await {
        return Ok(Era::Modern);
    }
    match state.pool.get(state, caller, Whose::Client(session)).await {
        Ok(_) => Ok(Era::Legacy),
        Err(refusal) if matches!(refusal.reason(), Reason::UpstreamStatus | Reason::UpstreamInvalid) => {
            state.known.refused_a_session(state, caller).await;
            Ok(Era::Modern)
        }
        Err(refusal) => Err(refusal),
    }
}

/// Legacy on both sides: the client has a session there, and the bytes pass as they came.
async fn own(
    state: &State,
    caller: &Caller,
    message: &Message<'_>,
    session: &Session,
    settlement: Option<Settlement>,
) -> Result<Upstream, Refusal> {
    let upstream = transmit(state, caller, Sending::message(message), settlement).await?;
    let ids = EventIds::Sealed(state.seals.of(caller, Kind::EventId, &[&session.text]));
    Ok(Upstream { reading: Reading { ids, ..Reading::default() }, ..upstream })
}

/// Ends a call of which nothing was sent.
fn unsent(settlement: Option<Settlement>, refusal: Refusal) -> Refusal {
    if let Some(settlement) = settlement {
        settlement.unreachable();
    }
    refusal
}
