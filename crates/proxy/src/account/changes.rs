//! The streams of the account's endpoint that are no answers: that of a session, and subscriptions. What the servers say
//! on theirs goes on them, and what changed for the grant.

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
use ostiary_mcp::prefix::split_uri;
use ostiary_mcp::sse::KEEP_ALIVE;
use ostiary_mcp::subscription::Filter;
use ostiary_mcp::version::Era;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::account::feeds::{Feeds, Wanted};
use crate::account::resume::{last_event, resume};
use crate::account::standing::is_ended;
use crate::body::{Body, BodyError};
use crate::bounds::StreamPlace;
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
    let session = session(state, &visitor, headers)?;
    if is_ended(state, visitor.account_id(), &session.text).await {
        return Err(Refusal::session_not_found());
    }
    let resumed = match last_event(state, &visitor, &session, headers)? {
        Some(last) if !last.is_standalone => return resume(state, &visitor, &session, last).await,
        last => last,
    };
    let sight = seen(Arc::clone(state), visitor.clone()).await?.1;
    let first = Bytes::from_static(KEEP_ALIVE);
    let over = state.standings.of(&session.text).ended();
    stream(state, visitor, sight, Notices::Session, first, over, |visitor| {
        Feeds::of(state, visitor, Wanted::Session(session), resumed)
    })
}

/// Opens a subscription. Single resources can be subscribed to where the server is modern too, and the grant may read
/// them; others are left out of what is granted.
pub(super) async fn listen(
    state: &Arc<State>,
    visitor: Visitor,
    request: &Request<'_>,
) -> Result<Response<Body>, Refusal> {
    let odd = || Refusal::invalid_params("`notifications` must say what to listen for, each once");
    let wanted = Filter::read(request.params.notifications.unwrap_or("{}")).map_err(|_| odd())?;
    let (wanted, uris) = granted(state, &visitor, wanted).await?;
    let id = request.id.to_owned();
    let first = acknowledged(&id, &wanted);
    let sight = seen(Arc::clone(state), visitor.clone()).await?.1;
    let followed = Wanted::Subscription { id: request.id.as_raw().to_owned(), filter: wanted.clone(), uris };
    let notices = Notices::Subscription { id, wanted };
    let over = CancellationToken::new();
    stream(state, visitor, sight, notices, first, over, |visitor| Feeds::of(state, visitor, followed, None))
}

/// What of a subscription is granted, and its resources as their servers call them.
async fn granted(
    state: &Arc<State>,
    visitor: &Visitor,
    wanted: Filter,
) -> Result<(Filter, Vec<(String, String)>), Refusal> {
    let mut granted = Filter { uris: Vec::new(), ..wanted };
    let mut uris = Vec::new();
    for uri in wanted.uris {
        let Some((server, there)) = split_uri(&uri) else { continue };
        let Some(caller) = visitor.at(server) else { continue };
        let is_modern = state.known.era(state, &caller).await.is_ok_and(|era| era == Era::Modern);
        if is_modern && Listing::of(state, &caller).await?.shows_resource(there) {
            uris.push((server.to_owned(), there.to_owned()));
            granted.uris.push(uri);
        }
    }
    Ok((granted, uris))
}

fn stream(
    state: &Arc<State>,
    visitor: Visitor,
    sight: Sight,
    notices: Notices,
    first: Bytes,
    over: CancellationToken,
    feeds: impl FnOnce(&Visitor) -> Feeds,
) -> Result<Response<Body>, Refusal> {
    let held = state.streams.take(&visitor.grant.grant).ok_or_else(Refusal::too_many_streams)?;
    let now = Instant::now();
    let body = Changes {
        shutdown: Box::pin(state.shutdown.clone().cancelled_owned()),
        over: Box::pin(over.cancelled_owned()),
        keep_alive: state.config.keep_alive,
        silent_since: now,
        state: Arc::clone(state),
        feeds: feeds(&visitor),
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

/// The body of such a stream. It ends with the grant, the session and the process, and else with the client.
struct Changes {
    state: Arc<State>,
    visitor: Visitor,
    sight: Sight,
    notices: Notices,
    feeds: Feeds,
    first: Option<Bytes>,
    looking: Option<Looking>,
    pause: Pin<Box<Sleep>>,
    silent_since: Instant,
    keep_alive: Duration,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
    /// The end of its session.
    over: Pin<Box<WaitForCancellationFutureOwned>>,
    _held: StreamPlace,
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
            self.feeds.keep_up(&visitor, None);
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
        if this.shutdown.as_mut().poll(cx).is_ready() || this.over.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        let next = match this.first.take() {
            Some(first) => Some(first),
            None => match this.feeds.poll_next(cx) {
                Poll::Ready(event) => event,
                Poll::Pending => std::task::ready!(this.poll_next(cx)),
            },
        };
        this.silent_since = Instant::now();
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }
}
