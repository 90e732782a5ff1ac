//! What the servers behind the account's endpoint say that no request asked for, on the one stream that its client has.
//!
//! Each server is followed by a task of its own, so that one that is dead or slow holds up nobody. They end with the
//! stream.

mod elsewhere;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use ostiary_mcp::header::{EVENT_STREAM, is_event_stream};
use ostiary_mcp::subscription::Filter;
use ostiary_mcp::version::Era;
use ostiary_model::ServerId;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::headers::UpstreamFacts;
use crate::known::ours;
use crate::leg::{era_for, listen_at_legacy, listen_for_legacy, reading_for_legacy, subscribe};
use crate::listing::Listing;
use crate::notice::Notices;
use crate::origin::{Origin, Returned, Within};
use crate::pool::Whose;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::relay::{EventRelay, Purpose, Watch};
use crate::session::Session;
use crate::stage::authenticate::{Caller, Visitor};
use crate::stage::forward::{Carried, Passage, Sending, Upstream, forward};
use crate::stage::respond::{is_encoded, rhythm};
use crate::state::State;
use crate::upstream_body::UpstreamBody;

/// How long a stream that ended is left alone: at first, and at most. One that lasted longer than that is opened again
/// after the shortest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What the client of a stream wants to be told.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// Everything: the stream of a session.
    Session(Session),
    /// What it subscribed to. Of resources under their names at each server, with the server's slug.
    Subscription {
        /// The raw id of the request.
        id: String,
        filter: Filter,
        uris: Vec<(String, String)>,
    },
}

/// The events of all servers, in the order in which they come.
#[derive(Debug)]
pub(super) struct Feeds {
    state: Arc<State>,
    wanted: Wanted,
    events: mpsc::Receiver<Bytes>,
    sender: mpsc::Sender<Bytes>,
    followed: HashSet<ServerId>,
    tasks: JoinSet<()>,
    /// Looks for sessions that other processes open.
    elsewhere: Option<AbortOnDropHandle<()>>,
}

impl Feeds {
    /// Follows the servers of a visitor; `resumed` is where one of them goes on.
    pub(super) fn of(state: &Arc<State>, visitor: &Visitor, wanted: Wanted, resumed: Option<Returned>) -> Self {
        // What a client does not read is left with the servers.
        let (sender, events) = mpsc::channel(4);
        let (followed, tasks) = (HashSet::new(), JoinSet::new());
        let mut feeds = Self { state: Arc::clone(state), wanted, events, sender, followed, tasks, elsewhere: None };
        feeds.keep_up(visitor, resumed);
        feeds
    }

    /// Follows the servers that the grant was bound to meanwhile. Those that it lost end by themselves.
    pub(super) fn keep_up(&mut self, visitor: &Visitor, mut resumed: Option<Returned>) {
        let before = self.followed.len();
        for caller in visitor.callers() {
            let id = caller.server().id;
            if self.followed.insert(id) {
                let last = resumed.take_if(|resumed| resumed.caller.server().id == id).map(|resumed| resumed.what);
                let (state, sender) = (Arc::clone(&self.state), self.sender.clone());
                let feed =
                    Feed { state, caller, wanted: self.wanted.clone(), sender, last: Arc::new(Mutex::new(last)) };
                self.tasks.spawn(feed.follow());
            }
        }
        if let Wanted::Session(session) = &self.wanted
            && !self.state.shared.is_alone()
            && (self.elsewhere.is_none() || self.followed.len() > before)
        {
            let looking = elsewhere::look_out(Arc::clone(&self.state), visitor.clone(), session.clone());
            self.elsewhere = Some(AbortOnDropHandle::new(tokio::spawn(looking)));
        }
    }

    /// The next event.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.events.poll_recv(cx)
    }
}

/// What one server says.
struct Feed {
    state: Arc<State>,
    caller: Caller,
    wanted: Wanted,
    sender: mpsc::Sender<Bytes>,
    /// The last event of its stream, where they have ids.
    last: Arc<Mutex<Option<String>>>,
}

type Relay = EventRelay<UpstreamBody, ()>;

impl Feed {
    async fn follow(mut self) {
        let mut pause = FIRST_PAUSE;
        while !self.sender.is_closed() {
            match self.caller.clone().confirmed(&self.state).await {
                Ok(caller) => self.caller = caller,
                // The grant is over, or is not for this server any more.
                Err(refusal) if refusal.status().is_client_error() => return,
                Err(_) => {
                    tokio::time::sleep(LONGEST_PAUSE).await;
                    continue;
                }
            }
            let began = Instant::now();
            match self.open().await {
                Ok(Some(relay)) => self.pass(relay).await,
                Ok(None) => self.opened().await,
                Err(refusal) => {
                    tracing::debug!(server.id = %self.caller.server().id, reason = refusal.reason().as_str(), "no stream");
                }
            }
            pause = if began.elapsed() > LONGEST_PAUSE { FIRST_PAUSE } else { pause };
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Returns when there may be a session at the server, after there was none.
    async fn opened(&self) {
        match &self.wanted {
            Wanted::Session(session) => {
                self.state.standings.of(&session.text).is_opened_at(self.caller.server().id).await;
            }
            Wanted::Subscription { .. } => tokio::time::sleep(LONGEST_PAUSE).await,
        }
    }

    /// Passes events on until the stream ends, or nobody reads them.
    async fn pass(&self, relay: Relay) {
        let mut relay = std::pin::pin!(relay);
        while let Some(Ok(frame)) = relay.frame().await {
            let Ok(event) = frame.into_data() else { continue };
            if let Wanted::Session(session) = &self.wanted {
                // Who listens needs the session.
                self.state.pool.find(&self.caller, Whose::Client(session)).await;
                self.state.standings.of(&session.text);
            }
            if event.starts_with(b":") {
                // The client's stream has a pulse of its own.
                continue;
            }
            if self.sender.send(event).await.is_err() {
                return;
            }
        }
    }

    /// The server's stream; none where there is no session yet, or it has no such stream.
    async fn open(&self) -> Result<Option<Relay>, Refusal> {
        match &self.wanted {
            Wanted::Session(session) => match era_of_session(&self.state, &self.caller, session).await? {
                Era::Legacy => self.standalone(session).await,
                Era::Modern => {
                    let upstream = listen_for_legacy(&self.state, &self.caller, session).await?;
                    self.relay_of(upstream, reading_for_legacy()).await
                }
            },
            Wanted::Subscription { id, filter, uris } => self.subscription(id, filter, uris).await,
        }
    }

    /// The standalone stream of the client's session at the server.
    async fn standalone(&self, session: &Session) -> Result<Option<Relay>, Refusal> {
        let (state, caller) = (&self.state, &self.caller);
        let standing = state.standings.of(&session.text);
        let whose = Whose::Client(session);
        let Some(there) = state.pool.find_anywhere(state, caller, session).await else {
            standing.closed_at(caller.server().id);
            return Ok(None);
        };
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let facts = UpstreamFacts { last_event_id: last.as_deref(), ..there.upstream_facts() };
        let headers = HeaderMap::new();
        let sending = Sending { method: Method::GET, headers: &headers, accept: EVENT_STREAM, facts, body: None };
        let upstream = forward(state, caller, sending, Passage::Carried(Carried::without_message())).await?;
        match upstream.head.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => {
                state.pool.forget(caller, whose, &there).await;
                standing.closed_at(caller.server().id);
                return Ok(None);
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                // Nothing will come of this session.
                standing.closed_at(caller.server().id);
                return Ok(None);
            }
            status => return Err(Refusal::upstream_status(status)),
        }
        let within = Within::new(state, caller, session, there.place()).standalone(Arc::clone(&self.last));
        let origin = Origin::within(caller.server().slug.as_str(), within);
        self.relay_of(upstream, Reading { origin: Some(origin), ..Reading::default() }).await
    }

    /// A subscription at the server that is a part of the client's.
    async fn subscription(
        &self,
        id: &str,
        filter: &Filter,
        uris: &[(String, String)],
    ) -> Result<Option<Relay>, Refusal> {
        let (state, caller) = (&self.state, &self.caller);
        let slug = caller.server().slug.as_str();
        let uris = uris.iter().filter(|(server, _)| server == slug).map(|(_, uri)| uri.clone()).collect();
        let filter = Filter { uris, ..filter.clone() };
        let reading = || Reading { origin: Some(Origin::subscription(slug)), ..Reading::default() };
        if state.known.era(state, caller).await? == Era::Legacy {
            if !(filter.tools || filter.prompts || filter.resources) {
                return Ok(None);
            }
            let body = listen_at_legacy(state, caller, id, &filter).await?;
            return self.relay(body, reading()).await.map(Some);
        }
        let upstream = subscribe(state, caller, id, &filter, ours("{}")).await?;
        self.relay_of(upstream, reading()).await
    }

    async fn relay_of(&self, upstream: Upstream, reading: Reading) -> Result<Option<Relay>, Refusal> {
        let headers = &upstream.head.headers;
        let is_stream = headers.get(CONTENT_TYPE).is_some_and(is_event_stream) && !is_encoded(headers);
        match upstream.head.status {
            StatusCode::OK if is_stream => {
                let slug = self.caller.server().slug.as_str();
                let reading = Reading { origin: reading.origin.or_else(|| Some(Origin::answer(slug))), ..reading };
                self.relay(upstream.body, reading).await.map(Some)
            }
            status if status.is_success() => Err(Refusal::upstream_invalid()),
            status => Err(Refusal::upstream_status(status)),
        }
    }

    async fn relay(&self, body: UpstreamBody, reading: Reading) -> Result<Relay, Refusal> {
        let listing = Listing::of(&self.state, &self.caller).await?;
        // What the gateway itself has to tell is told for all servers together.
        let watch = Watch::new(Arc::clone(&self.state), self.caller.clone(), listing, Notices::Silent);
        let purpose = Purpose::Standalone { watch: Box::new(watch), reading: Box::new(reading) };
        Ok(EventRelay::new(body, purpose, rhythm(&self.state), ()))
    }
}

/// The era of a server for a client, without opening a session for it.
async fn era_of_session(state: &Arc<State>, caller: &Caller, session: &Session) -> Result<Era, Refusal> {
    if state.pool.find_anywhere(state, caller, session).await.is_some() {
        return Ok(Era::Legacy);
    }
    if state.known.era(state, caller).await? == Era::Legacy {
        return Ok(Era::Legacy);
    }
    // A server that speaks both is found out by opening one.
    era_for(state, caller, session).await
}
