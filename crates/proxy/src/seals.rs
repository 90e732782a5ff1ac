//! What a client is given to bring back, and nobody but the gateway reads: sealed, bound, expiring.
//!
//! Nothing of it is stored, so any replica takes it back. It opens only for the grant and the endpoint that it was given
//! to, and only as what it was.

use std::sync::Arc;
use std::time::Duration;

use ostiary_auth::Sealer;
use ostiary_model::Clock;

use crate::session::Holder;

/// Longest text that is tried to open.
const MAX_TEXT_BYTES: usize = 256 * 1024;

/// What a sealed text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The `requestState` of a request that takes several rounds.
    RequestState = 1,
    /// The id of an event, for `Last-Event-ID`.
    EventId = 2,
    /// Where the lists of several servers go on.
    Cursor = 3,
    /// The id of a request that a client is asked, or the token for its progress.
    RequestId = 4,
}

impl Kind {
    const fn lifetime(self) -> Duration {
        match self {
            // A person may be asked for the input.
            Self::RequestState | Self::Cursor => Duration::from_hours(1),
            Self::EventId | Self::RequestId => Duration::from_hours(24),
        }
    }
}

/// Makes seals for callers.
#[derive(Clone, Debug)]
pub(crate) struct Seals {
    sealer: Sealer,
    clock: Arc<dyn Clock>,
}

/// Seals and opens texts of one kind for one caller.
#[derive(Clone)]
pub(crate) struct Seal {
    seals: Seals,
    kind: Kind,
    associated: Vec<u8>,
}

// What a text is bound to is no secret, but no use in a log either.
impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Seals {
    pub(crate) const fn new(sealer: Sealer, clock: Arc<dyn Clock>) -> Self {
        Self { sealer, clock }
    }

    /// The seal of a caller for one kind of text; `about` is what else has to be the same when it comes back.
    pub(crate) fn of(&self, holder: &impl Holder, kind: Kind, about: &[&str]) -> Seal {
        let mut associated = vec![kind as u8];
        associated.extend_from_slice(&holder.belongings());
        for part in about {
            associated.push(0);
            associated.extend_from_slice(part.as_bytes());
        }
        Seal { seals: self.clone(), kind, associated }
    }
}

impl Seal {
    /// The text for the client.
    pub(crate) fn seal(&self, text: &str) -> String {
        let lifetime_ms = i64::try_from(self.kind.lifetime().as_millis()).unwrap_or(i64::MAX);
        let expires_at_ms = self.seals.clock.now_ms().saturating_add(lifetime_ms);
        let plaintext = [&expires_at_ms.to_be_bytes()[..], text.as_bytes()].concat();
        self.seals.sealer.seal_text(&plaintext, &self.associated)
    }

    /// What was sealed; none when it is another's, of another kind, too old, or nobody's.
    pub(crate) fn open(&self, text: &str) -> Option<String> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        let plaintext = self.seals.sealer.open_text(text, &self.associated).ok()?;
        let (expires_at_ms, text) = plaintext.split_first_chunk()?;
        if i64::from_be_bytes(*expires_at_ms) <= self.seals.clock.now_ms() {
            return None;
        }
        std::str::from_utf8(text).ok().map(str::to_owned)
    }
}
