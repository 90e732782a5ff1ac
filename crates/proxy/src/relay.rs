//! Event streams, passed on event by event as they come, with back-pressure: nothing is read before it is asked for.
//!
//! A client that leaves drops the body, and with it the upstream's stream. In the legacy era that is no cancellation:
//! the upstream may go on, and a client that may resume the stream asks for it again by GET.

mod large;
mod told;
mod watch;

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use ostiary_egress::EgressError;
use ostiary_mcp::ListKind;
use ostiary_mcp::envelope::RequestIdBuf;
use ostiary_mcp::lists::Filtered;
use ostiary_mcp::sse::{self, KEEP_ALIVE, Part, Piece, SseParser};
use ostiary_mcp::subscription::Change;
use tokio::time::Sleep;

use crate::answer::{self, Answer};
use crate::body::BodyError;
use crate::listing::Listing;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::stage::settle::Settlement;

use large::LargeAnswer;

pub(crate) use watch::{LOOK_EVERY, Watch};

/// How long an upstream may leave a stream open behind the answer. One that ends it leaves a connection that can be used
/// again.
const CLOSING: Duration = Duration::from_secs(1);
/// Largest message that may tell of a changed list: there is nothing in it but that.
const CHANGE_MAX_BYTES: usize = 4 * 1024;

/// What an upstream's stream answers.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// One request.
    Request {
        /// Its id, for an error of ours when the stream breaks.
        id: RequestIdBuf,
        /// The list it asked for, and what of it may be seen.
        list: Option<(ListKind, Listing)>,
        /// Of a call only.
        settlement: Option<Settlement>,
        /// How its messages are read.
        reading: Box<Reading>,
    },
    /// Nothing in particular: it was opened by GET, and may replay any answer of the session.
    Standalone {
        /// What of replayed lists may be seen, for as long as the grant lives.
        watch: Box<Watch>,
        /// How its messages are read.
        reading: Box<Reading>,
    },
}

/// The body of an answer that is an event stream.
#[derive(Debug)]
pub(crate) struct EventRelay<B, H> {
    /// None once the stream is over.
    upstream: Option<Pin<Box<B>>>,
    parser: SseParser,
    purpose: Purpose,
    event_max_bytes: usize,
    /// The answer that is being passed on in parts.
    large: Option<LargeAnswer>,
    /// Why the body breaks off where nothing can be said any more.
    broken: Option<EgressError>,
    /// The request is answered, or can be resumed: nothing of ours is missing when the stream ends.
    is_served: bool,
    /// Set when the request is answered: until then the upstream may end its stream by itself.
    closing: Option<Pin<Box<Sleep>>>,
    /// What goes out before anything else.
    first: Option<Bytes>,
    keep_alive: Duration,
    patience: Duration,
    pulse: Option<Pin<Box<Sleep>>>,
    /// What the stream takes of bounds; given back with it.
    _held: H,
}

/// Bounds of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rhythm {
    pub(crate) event_max_bytes: usize,
    pub(crate) keep_alive: Duration,
    /// How long a reader may leave the next piece unread.
    pub(crate) patience: Duration,
}

impl<B, H> EventRelay<B, H>
where
    B: HttpBody<Data = Bytes, Error = EgressError>,
{
    pub(crate) fn new(upstream: B, purpose: Purpose, rhythm: Rhythm, held: H) -> Self {
        // Some intermediaries keep back the head of an answer until a byte of it comes.
        let first = matches!(purpose, Purpose::Standalone { .. }).then_some(Bytes::from_static(KEEP_ALIVE));
        Self {
            upstream: Some(Box::pin(upstream)),
            parser: SseParser::new(rhythm.event_max_bytes),
            purpose,
            event_max_bytes: rhythm.event_max_bytes,
            large: None,
            broken: None,
            is_served: false,
            closing: None,
            first,
            keep_alive: rhythm.keep_alive,
            patience: rhythm.patience,
            pulse: None,
            _held: held,
        }
    }

    /// How long its reader may leave the next piece unread.
    pub(crate) const fn patience(&self) -> Duration {
        self.patience
    }

    /// What goes out for a frame that came in; none when it is not for this client.
    fn pass(&mut self, frame: &sse::Frame) -> Result<Option<Bytes>, Refusal> {
        let data = frame.data.as_ref().filter(|data| !data.is_empty());
        match &mut self.purpose {
            Purpose::Standalone { watch, reading } => {
                let Some(data) = data else { return Ok(reading.bare_event(frame)) };
                match edited(watch.listing(), None, reading, data) {
                    Ok(message) => {
                        let event = message.map(|message| reading.event(frame, other(&message, data)));
                        match (event, change(data)) {
                            (Some(event), Some(change)) => {
                                watch.told(change, event);
                                Ok(None)
                            }
                            (event, _) => Ok(event),
                        }
                    }
                    // What cannot be read does not pass, and the stream goes on: nobody waits for this very event.
                    Err(_) => Ok(None),
                }
            }
            Purpose::Request { id, list, settlement, reading } => {
                if self.closing.is_some() {
                    // Nothing of the request comes behind its answer.
                    return Ok(None);
                }
                // A stream whose events have ids can be resumed, and its server may end it whenever it likes.
                self.is_served |= frame.id.is_some() && reading.is_resumable();
                let Some(data) = data else { return Ok(reading.bare_event(frame)) };
                let answer = match answer::read_for(data, reading.id().unwrap_or(id.as_ref().as_raw())) {
                    Some((_, false)) => {
                        tracing::debug!("an upstream answers another request than it was asked");
                        return Ok(None);
                    }
                    answer => answer.map(|(answer, _)| answer),
                };
                let message = match list {
                    // SECURITY: an error is filtered too: some clients would read a result that stands beside it. What
                    // cannot be told to be no list does not pass.
                    Some((kind, listing)) => {
                        edited(listing, (answer == Some(Answer::Result)).then_some(*kind), reading, data)?
                    }
                    None => reading.message(data)?,
                };
                let out = message.map(|message| reading.event(frame, other(&message, data)));
                if let Some(answer) = answer {
                    self.is_served = true;
                    self.closing = Some(Box::pin(tokio::time::sleep(CLOSING)));
                    reading.answered();
                    if let Some(mut settlement) = settlement.take() {
                        settlement.passed(out.as_ref().map_or(0, Bytes::len));
                        settlement.answer(answer);
                    }
                }
                Ok(out)
            }
        }
    }

    /// What goes out for a part of an event that is too large to be held: of an answer that need not be.
    fn pass_part(&mut self, part: &Part) -> Result<Option<Bytes>, Refusal> {
        let too_large = || {
            tracing::warn!(bound = self.event_max_bytes, "an upstream's event is too large");
            Refusal::upstream_invalid()
        };
        let Purpose::Request { id, list: None, settlement, reading } = &mut self.purpose else {
            return Err(too_large());
        };
        if self.closing.is_some() {
            return Ok(None);
        }
        let large = self.large.get_or_insert_with(|| LargeAnswer::new(reading));
        let asked = reading.id().unwrap_or(id.as_ref().as_raw());
        let (out, answer) = large.pass(part, reading, asked)?;
        if let Some(answer) = answer {
            self.large = None;
            self.is_served = true;
            self.closing = Some(Box::pin(tokio::time::sleep(CLOSING)));
            reading.answered();
            if let Some(mut settlement) = settlement.take() {
                settlement.passed(out.len());
                settlement.answer(answer);
            }
        }
        Ok(Some(out))
    }

    /// Ends the stream early: with an error of ours where a request would otherwise go without an answer.
    fn fail(&mut self, refusal: Refusal, settle: impl FnOnce(Settlement)) -> Option<Bytes> {
        self.upstream = None;
        // What is left of the stream behind the fault is not passed on.
        self.parser = SseParser::new(0);
        let Purpose::Request { id, settlement, reading, .. } = &mut self.purpose else { return None };
        reading.answered();
        if let Some(settlement) = settlement.take() {
            settle(settlement);
        }
        if self.large.as_ref().is_some_and(LargeAnswer::is_begun) {
            // Whatever came now would be a part of the event.
            self.broken = Some(EgressError::Other { source: "an event broke off".into() });
            return None;
        }
        if std::mem::replace(&mut self.is_served, true) {
            return None;
        }
        let mut event = Vec::new();
        sse::write_event(&mut event, None, Some("message"), &refusal.to(Some(id.as_ref())).message());
        Some(event.into())
    }

    /// The next piece of the stream that is there already, or how it ends.
    fn poll_upstream(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Some(piece) = self.parser.next_piece() {
                let passed = match piece {
                    Piece::Frame(frame) => self.pass(&frame),
                    Piece::Part(part) => self.pass_part(&part),
                };
                match passed {
                    Ok(Some(bytes)) => return Poll::Ready(Some(bytes)),
                    Ok(None) => continue,
                    Err(refusal) => {
                        // An answer that must not be passed on counts as none, whether it could be resumed or not.
                        self.is_served = false;
                        return Poll::Ready(self.fail(refusal, Settlement::broken));
                    }
                }
            }
            if let Some(closing) = &mut self.closing
                && closing.as_mut().poll(cx).is_ready()
            {
                self.upstream = None;
            }
            let Some(upstream) = &mut self.upstream else { return Poll::Ready(None) };
            match ready!(upstream.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.parser.push(data);
                    }
                }
                Some(Err(error)) => {
                    let refusal = Refusal::interrupted(&error);
                    return Poll::Ready(self.fail(refusal, |settlement| settlement.failed(&error)));
                }
                None => return Poll::Ready(self.fail(Refusal::upstream_interrupted(), Settlement::broken)),
            }
        }
    }

    fn poll_pulse(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let period = self.keep_alive;
        let pulse = self.pulse.get_or_insert_with(|| Box::pin(tokio::time::sleep(period)));
        ready!(pulse.as_mut().poll(cx));
        self.pulse = None;
        Poll::Ready(())
    }
}

/// The change of a list that a message tells of.
fn change(message: &[u8]) -> Option<Change> {
    if message.len() > CHANGE_MAX_BYTES { None } else { Change::of(message) }
}

/// A message without the list entries that may not be seen, as the client gets it; none when it is not for it.
fn edited<'a>(
    listing: &Listing,
    expected: Option<ListKind>,
    reading: &Reading,
    data: &'a [u8],
) -> Result<Option<Cow<'a, [u8]>>, Refusal> {
    match listing.filter(data, expected) {
        Ok(Filtered::Unchanged) => reading.message(data),
        Ok(Filtered::Rewritten(message)) => {
            Ok(reading.message(&message)?.map(|message| Cow::Owned(message.into_owned())))
        }
        Err(error) => {
            tracing::warn!(%error, "an upstream's list cannot be passed on");
            Err(Refusal::upstream_invalid())
        }
    }
}

/// The message, when it is another than the one that came.
fn other<'a>(message: &'a [u8], data: &[u8]) -> Option<&'a [u8]> {
    (!std::ptr::eq(message, data)).then_some(message)
}

impl<B, H> HttpBody for EventRelay<B, H>
where
    B: HttpBody<Data = Bytes, Error = EgressError>,
    H: Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if let Purpose::Standalone { watch, .. } = &mut this.purpose
            && !ready!(watch.poll_alive(cx))
        {
            this.upstream = None;
            return Poll::Ready(None);
        }
        if let Purpose::Standalone { watch, .. } = &mut this.purpose
            && let Some(events) = watch.take_notice()
        {
            return Poll::Ready(Some(Ok(Frame::data(events))));
        }
        let polled = this.poll_upstream(cx);
        if let Purpose::Standalone { watch, .. } = &mut this.purpose
            && !matches!(polled, Poll::Ready(Some(_)))
        {
            match polled {
                Poll::Ready(_) => watch.give_up(),
                Poll::Pending => watch.poll_told(cx),
            }
            if let Some(events) = watch.take_notice() {
                return Poll::Ready(Some(Ok(Frame::data(events))));
            }
        }
        if let Poll::Ready(next) = polled {
            this.pulse = None;
            if let (Some(bytes), Purpose::Request { settlement: Some(settlement), .. }) = (&next, &mut this.purpose) {
                settlement.passed(bytes.len());
            }
            return Poll::Ready(match (next, this.broken.take()) {
                (None, Some(error)) => Some(Err(BodyError(error))),
                (next, _) => next.map(|bytes| Ok(Frame::data(bytes))),
            });
        }
        if this.large.as_ref().is_some_and(LargeAnswer::is_begun) {
            // A comment in the middle of a line would be a part of it.
            return Poll::Pending;
        }
        ready!(this.poll_pulse(cx));
        // The next poll arms the pulse again.
        cx.waker().wake_by_ref();
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(KEEP_ALIVE)))))
    }

    fn is_end_stream(&self) -> bool {
        self.upstream.is_none() && self.parser.rest() == 0 && self.broken.is_none()
    }
}
