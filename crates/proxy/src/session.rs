//! Sessions, sealed and not stored: the id that a client carries holds everything, and any replica opens it.

use std::sync::Arc;

use ostiary_auth::Sealer;
use ostiary_mcp::session::{SessionPayload, UpstreamSession};
use ostiary_mcp::version::{Era, Revision};

use crate::headers::UpstreamFacts;
use crate::stage::authenticate::{Caller, Visitor};

/// The oldest revision that a client is told.
pub(crate) const FIRST_OFFERED: Revision = Revision::V2025_06_18;

/// Longest text that is tried to open. What is sealed here is far shorter.
const MAX_TEXT_BYTES: usize = 8 * 1024;

/// Seals and opens sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    sealer: Sealer,
}

/// A session that was opened for the caller it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The id as the client sent it; tells sessions apart.
    pub(crate) text: Arc<str>,
    pub(crate) payload: SessionPayload,
}

impl Sessions {
    pub(crate) const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// The id for a client; none when what it said of itself is too long to carry.
    pub(crate) fn seal(&self, holder: &impl Holder, payload: &SessionPayload) -> Option<String> {
        let plaintext = payload.encode().ok()?;
        Some(self.sealer.seal_text(&plaintext, &holder.belongings()))
    }

    /// The session behind an id; none when it is another grant's, another endpoint's, or nobody's.
    pub(crate) fn open(&self, holder: &impl Holder, text: &str) -> Option<Session> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        let plaintext = self.sealer.open_text(text, &holder.belongings()).ok()?;
        let payload = SessionPayload::decode(&plaintext).ok()?;
        Some(Session { text: text.into(), payload })
    }
}

/// What a session is bound to: the grant, the server, and the server's address, so that no other upstream is ever told
/// the session ids of the one before.
pub(crate) trait Holder {
    /// What makes it different from every other.
    fn belongings(&self) -> Vec<u8>;
}

impl Holder for Caller {
    fn belongings(&self) -> Vec<u8> {
        let server = self.server();
        let (grant_id, server_id) = (self.grant.grant.id, server.id);
        [&grant_id.as_uuid().as_bytes()[..], server_id.as_uuid().as_bytes(), server.url.as_str().as_bytes()].concat()
    }
}

impl Holder for Visitor {
    fn belongings(&self) -> Vec<u8> {
        // Shorter than those of any caller.
        [&self.grant.grant.id.as_uuid().as_bytes()[..], b"account"].concat()
    }
}

impl Session {
    /// Whether it has no upstream of its own: it was opened at the account's endpoint, or while the upstream was silent.
    pub(crate) fn is_without_upstream(&self) -> bool {
        self.payload.upstreams.is_empty()
    }

    /// The era of the upstream, as it was when the session began.
    pub(crate) fn upstream_era(&self) -> Era {
        self.upstream().map_or(Era::Legacy, |upstream| upstream.revision.era())
    }

    fn upstream(&self) -> Option<&UpstreamSession> {
        self.payload.upstreams.first()
    }

    /// Whether the upstream has a session of its own.
    pub(crate) fn has_upstream_id(&self) -> bool {
        self.upstream().is_some_and(|upstream| upstream.id.is_some())
    }

    /// What the upstream is told of its side of the session.
    pub(crate) fn upstream_facts(&self) -> UpstreamFacts<'_> {
        let upstream = self.upstream();
        let revision = upstream.map_or(self.payload.revision, |upstream| upstream.revision);
        UpstreamFacts {
            session: upstream.and_then(|upstream| upstream.id.as_deref()),
            revision: version_header(revision),
            ..UpstreamFacts::default()
        }
    }
}

/// The version header for an upstream of a revision. The header came with 2025-06-18; a server of before may refuse it.
pub(crate) fn version_header(revision: Revision) -> Option<&'static str> {
    (revision > Revision::V2025_03_26).then(|| revision.as_str())
}
