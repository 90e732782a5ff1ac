//! Sessions of browsers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Account, Member, Session, SessionId};

use crate::StorageError;

/// A live session with whom and what it stands for.
#[derive(Clone, Debug)]
pub struct SessionMatch {
    /// The session.
    pub session: Session,
    /// The signed-in member.
    pub member: Member,
    /// The account.
    pub account: Account,
}

/// Reads sessions.
#[async_trait]
pub trait ReadSessions {
    /// The session, unless it has expired at `now`, was ended, or its user is no member any more.
    async fn find_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<SessionMatch>, StorageError>;
}

/// Writes sessions.
#[async_trait]
pub trait WriteSessions {
    /// Adds a session; [`StorageError::NotFound`] when the user is no member of the account.
    async fn create_session(&mut self, session: &Session) -> Result<(), StorageError>;

    /// Ends a session; ending it twice is ending it once.
    async fn end_session(&mut self, id: SessionId) -> Result<(), StorageError>;
}
