//! Members.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Member, Role, UserId};
use ostiary_storage::{Page, PageRequest, ReadMembers, StorageError, WriteMembers};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::repo::user::to_user;
use crate::row::{Place, one_more, to_page};
use crate::store::SqliteStore;
use crate::transaction::{SqliteTransaction, one_row};

/// The columns of a member and of its user.
struct MemberRow {
    account_id: Uuid,
    user_id: Uuid,
    role: String,
    created_at: i64,
    email: String,
    user_created_at: i64,
    user_email_verified_at: Option<i64>,
}

impl TryFrom<MemberRow> for Member {
    type Error = StorageError;

    fn try_from(row: MemberRow) -> Result<Self, StorageError> {
        let account_id = AccountId::from_uuid(row.account_id);
        let place = Place::new("members", account_id);
        Ok(Self {
            account_id,
            user: to_user(row.user_id, &row.email, row.user_created_at, row.user_email_verified_at)?,
            role: place.parse("role", &row.role)?,
            created_at: place.time("created_at", row.created_at)?,
        })
    }
}

#[async_trait]
impl ReadMembers for SqliteStore {
    async fn get_member(&self, account_id: AccountId, user_id: UserId) -> Result<Option<Member>, StorageError> {
        let account_id = account_id.as_uuid();
        let user_id = user_id.as_uuid();
        sqlx::query_as!(
            MemberRow,
            r#"
            select
                m.account_id as "account_id: Uuid", m.user_id as "user_id: Uuid", m.role, m.created_at,
                u.email, u.created_at as user_created_at,
                u.email_verified_at as user_email_verified_at
            from members m
            join users u on u.id = m.user_id
            where m.account_id = ? and m.user_id = ?
            "#,
            account_id,
            user_id
        )
        .fetch_optional(&self.readers)
        .await
        .map_err(storage_error)?
        .map(Member::try_from)
        .transpose()
    }

    async fn list_members(
        &self,
        account_id: AccountId,
        page: PageRequest<UserId>,
    ) -> Result<Page<Member>, StorageError> {
        let account_id = account_id.as_uuid();
        let after = page.after.as_ref().map(UserId::as_uuid);
        let limit = one_more(page.limit);
        let rows = sqlx::query_as!(
            MemberRow,
            r#"
            select
                m.account_id as "account_id: Uuid", m.user_id as "user_id: Uuid", m.role, m.created_at,
                u.email, u.created_at as user_created_at,
                u.email_verified_at as user_email_verified_at
            from members m
            join users u on u.id = m.user_id
            where m.account_id = ?1 and m.user_id > coalesce(?2, x'')
            order by m.user_id
            limit ?3
            "#,
            account_id,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, Member::try_from)
    }

    async fn list_memberships(&self, user_id: UserId) -> Result<Vec<Member>, StorageError> {
        let user_id = user_id.as_uuid();
        sqlx::query_as!(
            MemberRow,
            r#"
            select
                m.account_id as "account_id: Uuid", m.user_id as "user_id: Uuid", m.role, m.created_at,
                u.email, u.created_at as user_created_at,
                u.email_verified_at as user_email_verified_at
            from members m
            join users u on u.id = m.user_id
            where m.user_id = ?
            order by m.created_at, m.account_id
            "#,
            user_id
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?
        .into_iter()
        .map(Member::try_from)
        .collect()
    }
}

#[async_trait]
impl WriteMembers for SqliteTransaction {
    async fn create_member(
        &mut self,
        account_id: AccountId,
        user_id: UserId,
        role: Role,
        created_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let user_id = user_id.as_uuid();
        let role = role.as_str();
        let created_at = created_at.timestamp_millis();
        sqlx::query!(
            "insert into members (account_id, user_id, role, created_at) values (?, ?, ?, ?)",
            account_id,
            user_id,
            role,
            created_at
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn lock_roles(&mut self, account_id: AccountId) -> Result<Vec<(UserId, Role)>, StorageError> {
        let id = account_id.as_uuid();
        let rows = sqlx::query!(
            r#"select user_id as "user_id: Uuid", role from members where account_id = ?1 order by user_id"#,
            id
        )
        .fetch_all(self.connection())
        .await
        .map_err(storage_error)?;
        let place = Place::new("members", account_id);
        rows.iter().map(|row| Ok((UserId::from_uuid(row.user_id), place.parse("role", &row.role)?))).collect()
    }

    async fn update_member(&mut self, account_id: AccountId, user_id: UserId, role: Role) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let user_id = user_id.as_uuid();
        let role = role.as_str();
        let result = sqlx::query!(
            "update members set role = ?1 where account_id = ?2 and user_id = ?3",
            role,
            account_id,
            user_id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)
    }

    async fn delete_member(&mut self, account_id: AccountId, user_id: UserId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let user_id = user_id.as_uuid();
        let result = sqlx::query!("delete from members where account_id = ?1 and user_id = ?2", account_id, user_id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }
}
