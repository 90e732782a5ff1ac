//! Answers and cancellations that come to another process than the one they are for.
//!
//! The process that they come to leaves them under names that only those know who know the session: its id, hashed with
//! what it is about. The one that holds the call looks for them while it holds it; calls that end soon cost nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::future::Cache;
use ostiary_model::AccountId;

use super::{Key, Open, Talks, lock};
use crate::mailbox::{self, MailboxError, Sealed};

/// How often it is looked for what others left.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Names of one look.
const AT_ONCE: usize = 500;
/// How long an answer is kept for the process that asked: longer than Redis may be away from it.
const ANSWER_KEPT: Duration = Duration::from_secs(60);
/// How long a cancellation is kept. Whoever it is for looks often; and anybody may cancel what was never asked.
const CANCEL_KEPT: Duration = Duration::from_secs(10);
/// How long the level of a session is kept.
const LEVEL_KEPT: Duration = Duration::from_hours(7 * 24);
/// Sessions whose level is known here, and how long another process may have set another one without our knowing.
const LEVELS: u64 = 100_000;
const LEVEL_FRESH: Duration = Duration::from_secs(5);

/// What is left for another process.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// What a client answered to a question.
    Answer,
    /// That a client cancelled a request.
    Cancel,
    /// From which level on a session wants log messages.
    Level,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Cancel => "cancel",
            Self::Level => "level",
        }
    }

    const fn kept(self) -> Duration {
        match self {
            Self::Answer => ANSWER_KEPT,
            Self::Cancel => CANCEL_KEPT,
            Self::Level => LEVEL_KEPT,
        }
    }
}

/// The way to and from the other processes.
#[derive(Clone, Debug)]
pub(super) struct Post {
    mailbox: Sealed,
    levels: Cache<Arc<str>, Option<Arc<str>>>,
    is_looking: Arc<AtomicBool>,
}

impl Post {
    pub(super) fn new(mailbox: Sealed) -> Self {
        let levels = Cache::builder().max_capacity(LEVELS).time_to_live(LEVEL_FRESH).build();
        Self { mailbox, levels, is_looking: Arc::default() }
    }

    /// Leaves something about a request of a session; `text` is none where there is nothing but the fact.
    pub(super) async fn leave(
        &self,
        account_id: AccountId,
        kind: Kind,
        session: &str,
        id: &str,
        text: Option<&str>,
    ) -> Result<(), MailboxError> {
        let name = name(kind, session, id);
        let plain = text.map_or_else(String::new, |text| format!("+{text}"));
        let sealed = self.mailbox.seal(&name, &plain);
        self.mailbox.mailbox.leave(account_id, &name, &sealed, kind.kept()).await
    }

    /// What was left under a name; none when it was not one of ours who left it.
    fn open(&self, name: &str, sealed: &str) -> Option<Option<String>> {
        let plain = self.mailbox.open(name, sealed)?;
        Some(plain.strip_prefix('+').map(str::to_owned))
    }

    pub(super) async fn level(&self, account_id: AccountId, session: &Arc<str>) -> Option<Arc<str>> {
        let name = name(Kind::Level, session, "");
        let looked = async {
            let found = self.mailbox.mailbox.look(account_id, &name).await?;
            Ok::<_, MailboxError>(found.and_then(|sealed| self.open(&name, &sealed)).flatten().map(Arc::from))
        };
        match self.levels.try_get_with(Arc::clone(session), looked).await {
            Ok(level) => level,
            Err(error) => {
                tracing::warn!(%error, "a request goes without the level of log messages of its session");
                None
            }
        }
    }

    pub(super) async fn set_level(
        &self,
        account_id: AccountId,
        session: &Arc<str>,
        level: &str,
    ) -> Result<(), MailboxError> {
        self.leave(account_id, Kind::Level, session, "", Some(level)).await?;
        self.levels.insert(Arc::clone(session), Some(level.into())).await;
        Ok(())
    }

    /// Looks for what others left, unless somebody does, until nothing is open here any more.
    pub(super) fn look_out(&self, talks: &Talks) {
        if self.is_looking.swap(true, Ordering::SeqCst) {
            return;
        }
        let (post, talks) = (self.clone(), talks.clone());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                if post.look(&talks).await {
                    continue;
                }
                post.is_looking.store(false, Ordering::SeqCst);
                // What was opened just before nobody looks for.
                if !talks.has_open() || post.is_looking.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        });
    }

    /// Takes what was left for what is open here; answers whether anything is.
    async fn look(&self, talks: &Talks) -> bool {
        for (account_id, wanted) in talks.wanted() {
            for wanted in wanted.chunks(AT_ONCE) {
                let names: Vec<String> = wanted.iter().map(|(kind, (session, id))| name(*kind, session, id)).collect();
                let Ok(left) = self.mailbox.mailbox.take(account_id, &names).await else {
                    // It says so itself; what was left is there when it is back.
                    continue;
                };
                for ((name, (kind, (session, id))), sealed) in names.iter().zip(wanted).zip(left) {
                    let Some(text) = sealed.and_then(|sealed| self.open(name, &sealed)) else { continue };
                    match kind {
                        Kind::Answer => drop(talks.give(session, id, text)),
                        Kind::Cancel => drop(talks.end(session, id, text.as_deref())),
                        Kind::Level => {}
                    }
                }
            }
        }
        talks.has_open()
    }
}

impl Talks {
    fn has_open(&self) -> bool {
        !lock(&self.asked).is_empty() || !lock(&self.running).is_empty()
    }

    /// What others may have left something about, by account. A request that only just began is not looked after: most
    /// end before anybody could have cancelled them.
    fn wanted(&self) -> HashMap<AccountId, Vec<(Kind, Key)>> {
        let mut wanted: HashMap<AccountId, Vec<(Kind, Key)>> = HashMap::new();
        let mut note = |account_id, kind, key: &Key| wanted.entry(account_id).or_default().push((kind, key.clone()));
        for (key, open) in lock(&self.asked).iter() {
            note(open.account_id, Kind::Answer, key);
        }
        for (key, open) in lock(&self.running).iter().filter(|(_, open)| has_lasted(open)) {
            note(open.account_id, Kind::Cancel, key);
        }
        wanted
    }
}

fn has_lasted<V>(open: &Open<V>) -> bool {
    open.since.elapsed() >= LOOK_EVERY
}

/// The name of something about a request of a session.
fn name(kind: Kind, session: &str, id: &str) -> String {
    mailbox::name(kind.as_str(), session, id)
}
