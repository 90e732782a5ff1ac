//! What the processes of a gateway share of a client's session: its own sessions at servers, what it subscribed to there,
//! and that it ended. So any of them goes on where another left off.
//!
//! A process that is alone shares nothing, and one that cannot reach the others keeps what it has to itself: a session at
//! a server that another opens anew is a loss of subscriptions at worst, and no reason to refuse a call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::future::Cache;
use ostiary_auth::Sealer;
use ostiary_mcp::discover::ServerFacts;
use ostiary_mcp::version::Revision;
use ostiary_model::{AccountId, ServerId};
use serde_json::json;

use crate::mailbox::{self, MailboxError, Note, Sealed};
use crate::origin::Place;
use crate::stage::authenticate::Caller;

/// How long something is shared after it was last used; longer than a session at a server may lie unused.
const KEPT: Duration = Duration::from_hours(1);
/// How often a process that uses a session says so.
const USED_EVERY: Duration = Duration::from_secs(60);
/// Resources that one client is subscribed to at one server and that are told again to a new session there.
pub(crate) const SUBSCRIPTIONS: usize = 1_000;
/// Sessions of which it is known whether they ended, and for how long another process may have ended one without our
/// knowing.
const SESSIONS: u64 = 100_000;
const END_FRESH: Duration = Duration::from_secs(1);

const UPSTREAM: &str = "upstream";
const END: &str = "end";

/// What is shared of all clients.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    mailbox: Option<Sealed>,
    ended: Cache<Arc<str>, bool>,
    /// In ids of requests that this process asks by itself, in sessions that others ask in, too.
    tag: Arc<str>,
}

impl Shared {
    /// With a mailbox where there are other processes.
    pub(crate) fn new(sealer: &Sealer, mailbox: Option<Sealed>) -> Self {
        let ended = Cache::builder().max_capacity(SESSIONS).time_to_live(END_FRESH).build();
        // Sealed twice, nothing is the same text.
        Self { mailbox, ended, tag: sealer.seal_text(&[], b"process").into() }
    }

    /// Where the client's session at a caller's server is shared; none where this process is alone.
    pub(crate) fn at(&self, caller: &Caller, client: &str) -> Option<Share> {
        let mailbox = self.mailbox.clone()?;
        let server = caller.server();
        let name = name_at(server.id, server.url.as_str(), client);
        Some(Share { mailbox, account_id: caller.account_id(), name, tag: Arc::clone(&self.tag) })
    }

    /// At which of an account's servers the client has a session that is shared.
    ///
    /// # Errors
    ///
    /// When the other processes cannot be asked.
    pub(crate) async fn servers(&self, callers: &[Caller], client: &str) -> Result<Vec<ServerId>, MailboxError> {
        let (Some(mailbox), Some(first)) = (&self.mailbox, callers.first()) else { return Ok(Vec::new()) };
        let servers = callers.iter().map(Caller::server);
        let names: Vec<String> = servers.map(|server| name_at(server.id, server.url.as_str(), client)).collect();
        let there = mailbox.mailbox.is_shared(first.account_id(), &names).await?;
        let open = callers.iter().zip(there).filter(|(_, is_open)| *is_open);
        Ok(open.map(|(caller, _)| caller.server().id).collect())
    }

    /// Whether this process has no others.
    pub(crate) const fn is_alone(&self) -> bool {
        self.mailbox.is_none()
    }

    /// Tells the other processes that a session ended.
    ///
    /// # Errors
    ///
    /// When they cannot be told.
    pub(crate) async fn end(&self, account_id: AccountId, session: &Arc<str>) -> Result<(), MailboxError> {
        let Some(mailbox) = &self.mailbox else { return Ok(()) };
        let name = mailbox::name(END, session, "");
        mailbox.mailbox.leave(account_id, &name, &mailbox.seal(&name, ""), KEPT).await?;
        self.ended.insert(Arc::clone(session), true).await;
        Ok(())
    }

    /// Whether another process ended a session: asked once a second at most, and taken for no where nobody can say, as the
    /// grant is what admits a client.
    pub(crate) async fn is_ended(&self, account_id: AccountId, session: &Arc<str>) -> bool {
        let Some(mailbox) = &self.mailbox else { return false };
        let looked = async {
            let name = mailbox::name(END, session, "");
            let found = mailbox.mailbox.look(account_id, &name).await?;
            Ok::<_, MailboxError>(found.is_some_and(|sealed| mailbox.open(&name, &sealed).is_some()))
        };
        self.ended.try_get_with(Arc::clone(session), looked).await.unwrap_or(false)
    }
}

fn name_at(server: ServerId, url: &str, client: &str) -> String {
    mailbox::name(UPSTREAM, client, &format!("{server} {url}"))
}

/// Where one client's session at one server is shared.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    mailbox: Sealed,
    account_id: AccountId,
    name: String,
    tag: Arc<str>,
}

/// A session at a server, as far as another process needs to know it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) facts: ServerFacts,
    pub(crate) held: Held,
}

/// What became of a session that was to be shared.
#[derive(Debug)]
pub(crate) enum Put {
    /// It is shared.
    Ours(Held),
    /// Another process shared one before.
    Theirs(Found),
    /// The other processes cannot be reached.
    Alone,
}

impl Share {
    /// The session, if there is one, and what the client subscribed to at the server.
    pub(crate) async fn read(&self) -> (Option<Found>, Vec<String>) {
        let shared = match self.mailbox.mailbox.shared(self.account_id, &self.name, KEPT).await {
            Ok(shared) => shared,
            // It was said where it happened.
            Err(MailboxError) => return (None, Vec::new()),
        };
        let notes = shared.notes.iter().filter_map(|note| self.mailbox.open(&self.name, note)).collect();
        (shared.text.and_then(|text| self.found(text)), notes)
    }

    /// Shares a session that was opened, unless another process was first.
    pub(crate) async fn put(&self, place: &Place, facts: &ServerFacts) -> Put {
        let text = json!([place.session, place.revision.as_str(), facts.capabilities, facts.server_info]).to_string();
        let sealed = self.mailbox.seal(&self.name, &text);
        match self.mailbox.mailbox.share(self.account_id, &self.name, &sealed, KEPT).await {
            Ok(stands) if stands == sealed => Put::Ours(self.held(sealed)),
            Ok(stands) => self.found(stands).map_or(Put::Alone, Put::Theirs),
            Err(MailboxError) => Put::Alone,
        }
    }

    /// Notes that the client wants to be told of a resource, or no longer does.
    ///
    /// # Errors
    ///
    /// When the other processes cannot be told.
    pub(crate) async fn subscribe(&self, uri: &str, is_wanted: bool) -> Result<(), MailboxError> {
        let key = mailbox::name("resource", &self.name, uri);
        let text = is_wanted.then(|| self.mailbox.seal(&self.name, uri));
        let note = Note { key: &key, text: text.as_deref(), most: SUBSCRIPTIONS, keep: KEPT };
        self.mailbox.mailbox.note(self.account_id, &self.name, note).await
    }

    fn found(&self, sealed: String) -> Option<Found> {
        let text = self.mailbox.open(&self.name, &sealed)?;
        let (session, revision, capabilities, server_info): (Option<String>, String, String, Option<String>) =
            serde_json::from_str(&text).ok()?;
        let place = Place { session, revision: Revision::parse(&revision)? };
        let facts = ServerFacts { capabilities, server_info, instructions: None };
        Some(Found { place, facts, held: self.held(sealed) })
    }

    fn held(&self, text: String) -> Held {
        Held { share: self.clone(), text, used: Arc::new(Mutex::new(Instant::now())) }
    }
}

/// This process's hold on a session that is shared.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    share: Share,
    text: String,
    used: Arc<Mutex<Instant>>,
}

impl Held {
    /// Tells the requests that this process asks in the session from those of others.
    pub(crate) fn tag(&self) -> &str {
        &self.share.tag
    }

    /// The session is used: now and then the others are told, aside.
    pub(crate) fn used(&self) {
        {
            let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            if used.elapsed() < USED_EVERY {
                return;
            }
            *used = Instant::now();
        }
        let Self { share, .. } = self.clone();
        tokio::spawn(async move { share.mailbox.mailbox.shared(share.account_id, &share.name, KEPT).await });
    }

    /// This process has no more use for the session; whether none has, so that it is to be ended. Where nobody can say it
    /// is not: it may be in use, and its server ends it some day.
    pub(crate) async fn leave(&self) -> bool {
        self.take_back(true).await
    }

    /// The session is dead, or is ended: no process is to find it.
    pub(crate) async fn retract(&self) {
        self.take_back(false).await;
    }

    async fn take_back(&self, as_last: bool) -> bool {
        let Share { mailbox, account_id, name, .. } = &self.share;
        mailbox.mailbox.unshare(*account_id, name, &self.text, as_last).await.unwrap_or(false)
    }
}
