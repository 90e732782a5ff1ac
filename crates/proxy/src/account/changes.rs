//! The streams of the account's endpoint on which nothing but changes are told: that of a session, and subscriptions.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response};
use http_body::{Body as HttpBody, Frame};
use ostiary_mcp::envelope::Request;
use ostiary_mcp::header::{Accepted, SESSION_ID};
use ostiary_mcp::sse::KEEP_ALIVE;
use ostiary_mcp::subscription::Filter;
use ostiary_model::GrantId;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::body::{Body, BodyError};
use crate::bounds::Held;
use crate::listing::Listing;
use crate::notice::{Notices, acknowledged};
use crate::refusal::Refusal;
use crate::relay::LOOK_EVERY;
use crate::sight::Sight;
use crate::stage::authenticate::Visitor;
use crate::stage::parse::session;
use crate::stage::respond::X_ACCEL_BUFFERING;
use crate::state::State;
use crate::stream::ALLOW_WITHOUT_GET;

/// Opens the stream of a session.
pub(super) async fn open_stream(
    state: &Arc<State>,
    visitor: Visitor,
    headers: &HeaderMap,
) -> Result<Response<Body>, Refusal> {
    if !Accepted::of(headers).event_stream {
        return Err(Refusal::not_acceptable("the client must accept text/event-stream"));
    }
    if !headers.contains_key(SESSION_ID) {
        return Err(Refusal::method_not_allowed(ALLOW_WITHOUT_GET));
    }
    session(state, &visitor, headers)?;
    let sight = seen(Arc::clone(state), visitor.clone()).await?.1;
    stream(state, visitor, sight, Notices::Session, Bytes::from_static(KEEP_ALIVE))
}

/// Opens a subscription. Single resources cannot be subscribed to here, and are left out of what is granted.
pub(super) async fn listen(
    state: &Arc<State>,
    visitor: Visitor,
    request: &Request<'_>,
) -> Result<Response<Body>, Refusal> {
    let odd = || Refusal::invalid_params("`notifications` must say what to listen for, each once");
    let wanted = Filter::read(request.params.notifications.unwrap_or("{}")).map_err(|_| odd())?;
    let wanted = wanted.without_resources(|_| true);
    let id = request.id.to_owned();
    let first = acknowledged(&id, &wanted);
    let sight = seen(Arc::clone(state), visitor.clone()).await?.1;
    stream(state, visitor, sight, Notices::Subscription { id, wanted }, first)
}

fn stream(
    state: &Arc<State>,
    visitor: Visitor,
    sight: Sight,
    notices: Notices,
    first: Bytes,
) -> Result<Response<Body>, Refusal> {
    let held = state.streams.take(visitor.grant.grant.id).ok_or_else(Refusal::too_many_streams)?;
    let now = Instant::now();
    let body = Changes {
        shutdown: Box::pin(state.shutdown.clone().cancelled_owned()),
        keep_alive: state.config.keep_alive,
        silent_since: now,
        state: Arc::clone(state),
        visitor,
        sight,
        notices,
        first: Some(first),
        looking: None,
        pause: Box::pin(sleep_until(now + LOOK_EVERY.min(state.config.keep_alive))),
        _held: held,
    };
    let mut response = Response::new(Body::relayed(body, state.config.stalled_reader));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// The visitor as of now, and what it sees of all its servers.
async fn seen(state: Arc<State>, visitor: Visitor) -> Result<(Visitor, Sight), Refusal> {
    let visitor = visitor.confirmed(&state).await?;
    let mut sight = Sight::default();
    for caller in visitor.callers() {
        let listing = Listing::of(&state, &caller).await?;
        let of_server = Sight::of(&state, &caller, &listing).await?;
        sight = sight.with(caller.server().slug.as_str(), &of_server);
    }
    Ok((visitor, sight))
}

type Looking = Pin<Box<dyn Future<Output = Result<(Visitor, Sight), Refusal>> + Send>>;

/// The body of such a stream. It ends with the grant and with the process, and else with the client.
struct Changes {
    state: Arc<State>,
    visitor: Visitor,
    sight: Sight,
    notices: Notices,
    first: Option<Bytes>,
    looking: Option<Looking>,
    pause: Pin<Box<Sleep>>,
    silent_since: Instant,
    keep_alive: Duration,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
    _held: Held<GrantId>,
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("sight", &self.sight).finish_non_exhaustive()
    }
}

impl Changes {
    /// What there is to say now; an end without words when the grant is over.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            let Some(looking) = &mut self.looking else {
                let Poll::Ready(()) = self.pause.as_mut().poll(cx) else { return Poll::Pending };
                self.looking = Some(Box::pin(seen(Arc::clone(&self.state), self.visitor.clone())));
                continue;
            };
            let Poll::Ready(looked) = looking.as_mut().poll(cx) else { return Poll::Pending };
            self.looking = None;
            self.pause.as_mut().reset(Instant::now() + LOOK_EVERY.min(self.keep_alive));
            let Ok((visitor, sight)) = looked else { return Poll::Ready(None) };
            let events = self.notices.events(&sight.changed_since(&self.sight));
            (self.visitor, self.sight) = (visitor, sight);
            if events.is_some() {
                return Poll::Ready(events);
            }
            if self.silent_since.elapsed() >= self.keep_alive {
                return Poll::Ready(Some(Bytes::from_static(KEEP_ALIVE)));
            }
        }
    }
}

impl HttpBody for Changes {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if this.shutdown.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        let next = match this.first.take() {
            Some(first) => Some(first),
            None => std::task::ready!(this.poll_next(cx)),
        };
        this.silent_since = Instant::now();
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }
}
