//! Members.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Member, Role, UserId};
use ostiary_storage::{ReadMembers, StorageError, WriteMembers};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::repo::user::to_user;
use crate::row::Place;
use crate::store::PgStore;
use crate::transaction::PgTransaction;
use crate::within::Within as _;

/// The columns of a member and of its user.
struct MemberRow {
    account_id: Uuid,
    user_id: Uuid,
    role: String,
    created_at: i64,
    email: String,
    user_created_at: i64,
}

impl TryFrom<MemberRow> for Member {
    type Error = StorageError;

    fn try_from(row: MemberRow) -> Result<Self, StorageError> {
        let account_id = AccountId::from_uuid(row.account_id);
        let place = Place::new("members", account_id);
        Ok(Self {
            account_id,
            user: to_user(row.user_id, &row.email, row.user_created_at)?,
            role: place.parse("role", &row.role)?,
            created_at: place.time("created_at", row.created_at)?,
        })
    }
}

#[async_trait]
impl ReadMembers for PgStore {
    async fn get_member(&self, account_id: AccountId, user_id: UserId) -> Result<Option<Member>, StorageError> {
        let account_id = account_id.as_uuid();
        let user_id = user_id.as_uuid();
        sqlx::query_as!(
            MemberRow,
            r#"
            select
                m.account_id, m.user_id, m.role, m.created_at,
                u.email, u.created_at as user_created_at
            from members m
            join users u on u.id = m.user_id
            where m.account_id = $1 and m.user_id = $2
            "#,
            account_id,
            user_id
        )
        .fetch_optional(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .map(Member::try_from)
        .transpose()
    }

    async fn list_memberships(&self, user_id: UserId) -> Result<Vec<Member>, StorageError> {
        let user_id = user_id.as_uuid();
        sqlx::query_as!(
            MemberRow,
            r#"
            select
                m.account_id, m.user_id, m.role, m.created_at,
                u.email, u.created_at as user_created_at
            from members m
            join users u on u.id = m.user_id
            where m.user_id = $1
            order by m.created_at, m.account_id
            "#,
            user_id
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .into_iter()
        .map(Member::try_from)
        .collect()
    }
}

#[async_trait]
impl WriteMembers for PgTransaction {
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
            "insert into members (account_id, user_id, role, created_at) values ($1, $2, $3, $4)",
            account_id,
            user_id,
            role,
            created_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(parent_error)
    }
}
