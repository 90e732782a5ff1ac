//! Sessions of browsers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Account, AccountId, Member, Session, SessionId, UserId};

use crate::{Page, PageRequest, StorageError};

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

    /// The sessions of a user that have not expired at `now`, the newest first, whichever account they look at.
    async fn list_sessions(
        &self,
        user_id: UserId,
        now: DateTime<Utc>,
        page: PageRequest<SessionId>,
    ) -> Result<Page<Session>, StorageError>;
}

/// Writes sessions.
#[async_trait]
pub trait WriteSessions {
    /// Adds a session; [`StorageError::NotFound`] when the user is no member of the account.
    async fn create_session(&mut self, session: &Session) -> Result<(), StorageError>;

    /// Ends a session; ending it twice is ending it once.
    async fn end_session(&mut self, id: SessionId) -> Result<(), StorageError>;

    /// Ends a session of a user; [`StorageError::NotFound`] when it is somebody else's.
    async fn end_session_of(&mut self, user_id: UserId, id: SessionId) -> Result<(), StorageError>;

    /// Ends the sessions of a user, all but `kept`; answers how many.
    async fn end_sessions_of(&mut self, user_id: UserId, kept: Option<SessionId>) -> Result<u64, StorageError>;

    /// Turns a session to another account of its user; [`StorageError::NotFound`] when the user is no member there.
    async fn move_session(&mut self, id: SessionId, account_id: AccountId) -> Result<(), StorageError>;

    /// Notes that a session was used; the latest time stays. One that has ended stays ended.
    async fn touch_session(&mut self, id: SessionId, at: DateTime<Utc>) -> Result<(), StorageError>;

    /// Removes sessions, links and ceremonies that have expired at `now`; answers how many.
    async fn sweep_expired(&mut self, now: DateTime<Utc>) -> Result<u64, StorageError>;
}
