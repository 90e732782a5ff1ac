//! Sessions of browsers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Account, AccountId, Member, Session, SessionId, UserId};
use ostiary_storage::{Page, PageRequest, ReadSessions, SessionMatch, StorageError, WriteSessions};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::repo::account::AccountRow;
use crate::repo::user::to_user;
use crate::row::{Place, one_more, to_page};
use crate::store::SqliteStore;
use crate::transaction::{SqliteTransaction, one_row};

/// The columns of a session, as they stand in the table.
struct SessionRow {
    id: Uuid,
    account_id: Uuid,
    user_id: Uuid,
    created_at: i64,
    expires_at: i64,
    last_used_at: i64,
    user_agent: Option<String>,
    address: Option<String>,
    method: String,
}

impl TryFrom<SessionRow> for Session {
    type Error = StorageError;

    fn try_from(row: SessionRow) -> Result<Self, StorageError> {
        let id = SessionId::from_uuid(row.id);
        let place = Place::new("sessions", id);
        Ok(Self {
            id,
            user_id: UserId::from_uuid(row.user_id),
            account_id: AccountId::from_uuid(row.account_id),
            created_at: place.time("created_at", row.created_at)?,
            expires_at: place.time("expires_at", row.expires_at)?,
            last_used_at: place.time("last_used_at", row.last_used_at)?,
            user_agent: row.user_agent,
            address: row.address,
            method: place.parse("method", &row.method)?,
        })
    }
}

#[async_trait]
impl ReadSessions for SqliteStore {
    async fn find_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<SessionMatch>, StorageError> {
        let uuid = id.as_uuid();
        let now = now.timestamp_millis();
        let row = sqlx::query!(
            r#"
            select
                s.created_at, s.expires_at, s.last_used_at, s.user_agent, s.address, s.method,
                u.id as "user_id: Uuid", u.email, u.created_at as user_created_at,
                u.email_verified_at as user_email_verified_at,
                m.role, m.created_at as member_created_at,
                a.id as "account_id: Uuid", a.slug, a.name, a.created_at as account_created_at,
                a.updated_at as account_updated_at, a.delete_at as account_delete_at, a.plan
            from sessions s
            join members m on m.account_id = s.account_id and m.user_id = s.user_id
            join users u on u.id = s.user_id
            join accounts a on a.id = s.account_id
            where s.id = ?1 and s.expires_at > ?2
            "#,
            uuid,
            now
        )
        .fetch_optional(&self.readers)
        .await
        .map_err(storage_error)?;
        row.map(|row| {
            let user = to_user(row.user_id, &row.email, row.user_created_at, row.user_email_verified_at)?;
            let session = Session::try_from(SessionRow {
                id: *uuid,
                account_id: row.account_id,
                user_id: row.user_id,
                created_at: row.created_at,
                expires_at: row.expires_at,
                last_used_at: row.last_used_at,
                user_agent: row.user_agent,
                address: row.address,
                method: row.method,
            })?;
            let account_id = AccountId::from_uuid(row.account_id);
            let place = Place::new("members", account_id);
            let member = Member {
                account_id,
                user,
                role: place.parse("role", &row.role)?,
                created_at: place.time("created_at", row.member_created_at)?,
            };
            let account = Account::try_from(AccountRow {
                id: row.account_id,
                slug: row.slug,
                name: row.name,
                created_at: row.account_created_at,
                updated_at: row.account_updated_at,
                delete_at: row.account_delete_at,
                plan: row.plan,
            })?;
            Ok(SessionMatch { session, member, account })
        })
        .transpose()
    }

    async fn list_sessions(
        &self,
        user_id: UserId,
        now: DateTime<Utc>,
        page: PageRequest<SessionId>,
    ) -> Result<Page<Session>, StorageError> {
        let user_id = user_id.as_uuid();
        let now = now.timestamp_millis();
        let after = page.after.as_ref().map(SessionId::as_uuid);
        let limit = one_more(page.limit);
        let rows = sqlx::query_as!(
            SessionRow,
            r#"
            select
                id as "id: Uuid", account_id as "account_id: Uuid", user_id as "user_id: Uuid",
                created_at, expires_at, last_used_at, user_agent, address, method
            from sessions
            where
                user_id = ?1 and expires_at > ?2
                and id < coalesce(?3, x'ffffffffffffffffffffffffffffffff')
            order by id desc
            limit ?4
            "#,
            user_id,
            now,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, Session::try_from)
    }
}

#[async_trait]
impl WriteSessions for SqliteTransaction {
    async fn create_session(&mut self, session: &Session) -> Result<(), StorageError> {
        let id = session.id.as_uuid();
        let account_id = session.account_id.as_uuid();
        let user_id = session.user_id.as_uuid();
        let created_at = session.created_at.timestamp_millis();
        let expires_at = session.expires_at.timestamp_millis();
        let last_used_at = session.last_used_at.timestamp_millis();
        let method = session.method.as_str();
        sqlx::query!(
            r#"
            insert into sessions
                (id, account_id, user_id, created_at, expires_at, last_used_at, user_agent, address, method)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            "#,
            id,
            account_id,
            user_id,
            created_at,
            expires_at,
            last_used_at,
            session.user_agent,
            session.address,
            method
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn end_session(&mut self, id: SessionId) -> Result<(), StorageError> {
        let id = id.as_uuid();
        sqlx::query!("delete from sessions where id = ?1", id)
            .execute(self.connection())
            .await
            .map(drop)
            .map_err(storage_error)
    }

    async fn end_session_of(&mut self, user_id: UserId, id: SessionId) -> Result<(), StorageError> {
        let user_id = user_id.as_uuid();
        let id = id.as_uuid();
        let result = sqlx::query!("delete from sessions where id = ?1 and user_id = ?2", id, user_id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }

    async fn end_sessions_of(&mut self, user_id: UserId, kept: Option<SessionId>) -> Result<u64, StorageError> {
        let user_id = user_id.as_uuid();
        let kept = kept.as_ref().map(SessionId::as_uuid);
        sqlx::query!("delete from sessions where user_id = ?1 and id is distinct from ?2", user_id, kept)
            .execute(self.connection())
            .await
            .map(|result| result.rows_affected())
            .map_err(storage_error)
    }

    async fn move_session(&mut self, id: SessionId, account_id: AccountId) -> Result<(), StorageError> {
        let id = id.as_uuid();
        let account_id = account_id.as_uuid();
        let result = sqlx::query!("update sessions set account_id = ?1 where id = ?2", account_id, id)
            .execute(self.connection())
            .await
            .map_err(parent_error)?;
        one_row(&result)
    }

    async fn touch_session(&mut self, id: SessionId, at: DateTime<Utc>) -> Result<(), StorageError> {
        let id = id.as_uuid();
        let at = at.timestamp_millis();
        sqlx::query!("update sessions set last_used_at = max(last_used_at, ?1) where id = ?2", at, id)
            .execute(self.connection())
            .await
            .map(drop)
            .map_err(storage_error)
    }

    async fn sweep_expired(&mut self, now: DateTime<Utc>) -> Result<u64, StorageError> {
        let now = now.timestamp_millis();
        let sessions = sqlx::query!("delete from sessions where expires_at <= ?1", now)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        let links = sqlx::query!("delete from links where expires_at <= ?1", now)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        let ceremonies = sqlx::query!("delete from passkey_ceremonies where expires_at <= ?1", now)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        Ok(sessions.rows_affected() + links.rows_affected() + ceremonies.rows_affected())
    }
}
