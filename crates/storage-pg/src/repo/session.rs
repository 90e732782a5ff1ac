//! Sessions of browsers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Account, AccountId, Member, Session, SessionId};
use ostiary_storage::{ReadSessions, SessionMatch, StorageError, WriteSessions};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::repo::account::AccountRow;
use crate::repo::user::to_user;
use crate::row::Place;
use crate::store::PgStore;
use crate::transaction::PgTransaction;
use crate::within::Within as _;

/// A session with its member, user and account.
struct SessionRow {
    created_at: i64,
    expires_at: i64,
    user_id: Uuid,
    email: String,
    user_created_at: i64,
    role: String,
    member_created_at: i64,
    account_id: Uuid,
    slug: String,
    name: String,
    account_created_at: i64,
    account_updated_at: i64,
}

impl SessionRow {
    fn into_match(self, id: SessionId) -> Result<SessionMatch, StorageError> {
        let place = Place::new("sessions", id);
        let account_id = AccountId::from_uuid(self.account_id);
        let user = to_user(self.user_id, &self.email, self.user_created_at)?;
        let session = Session {
            id,
            user_id: user.id,
            account_id,
            created_at: place.time("created_at", self.created_at)?,
            expires_at: place.time("expires_at", self.expires_at)?,
        };
        let place = Place::new("members", account_id);
        let member = Member {
            account_id,
            user,
            role: place.parse("role", &self.role)?,
            created_at: place.time("created_at", self.member_created_at)?,
        };
        let account = Account::try_from(AccountRow {
            id: self.account_id,
            slug: self.slug,
            name: self.name,
            created_at: self.account_created_at,
            updated_at: self.account_updated_at,
        })?;
        Ok(SessionMatch { session, member, account })
    }
}

#[async_trait]
impl ReadSessions for PgStore {
    async fn find_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<SessionMatch>, StorageError> {
        let uuid = id.as_uuid();
        let now = now.timestamp_millis();
        sqlx::query_as!(
            SessionRow,
            r#"
            select
                s.created_at, s.expires_at,
                u.id as user_id, u.email, u.created_at as user_created_at,
                m.role, m.created_at as member_created_at,
                a.id as account_id, a.slug, a.name,
                a.created_at as account_created_at, a.updated_at as account_updated_at
            from sessions s
            join members m on m.account_id = s.account_id and m.user_id = s.user_id
            join users u on u.id = s.user_id
            join accounts a on a.id = s.account_id
            where s.id = $1 and s.expires_at > $2
            "#,
            uuid,
            now
        )
        .fetch_optional(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .map(|row| row.into_match(id))
        .transpose()
    }
}

#[async_trait]
impl WriteSessions for PgTransaction {
    async fn create_session(&mut self, session: &Session) -> Result<(), StorageError> {
        let id = session.id.as_uuid();
        let account_id = session.account_id.as_uuid();
        let user_id = session.user_id.as_uuid();
        let created_at = session.created_at.timestamp_millis();
        let expires_at = session.expires_at.timestamp_millis();
        sqlx::query!(
            "insert into sessions (id, account_id, user_id, created_at, expires_at) values ($1, $2, $3, $4, $5)",
            id,
            account_id,
            user_id,
            created_at,
            expires_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn end_session(&mut self, id: SessionId) -> Result<(), StorageError> {
        let id = id.as_uuid();
        sqlx::query!("delete from sessions where id = $1", id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map(drop)
            .map_err(storage_error)
    }
}
