//! Accounts.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Account, AccountId, Name, PlanName, Slug};
use ostiary_storage::{ReadAccounts, StorageError, WriteAccounts};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::Place;
use crate::store::SqliteStore;
use crate::transaction::{SqliteTransaction, one_row};

/// The columns of an account, as they stand in the table.
pub(crate) struct AccountRow {
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) delete_at: Option<i64>,
    pub(crate) plan: String,
}

impl TryFrom<AccountRow> for Account {
    type Error = StorageError;

    fn try_from(row: AccountRow) -> Result<Self, StorageError> {
        let id = AccountId::from_uuid(row.id);
        let place = Place::new("accounts", id);
        Ok(Self {
            id,
            slug: place.value("slug", Slug::parse(&row.slug))?,
            name: place.value("name", Name::parse(&row.name))?,
            created_at: place.time("created_at", row.created_at)?,
            updated_at: place.time("updated_at", row.updated_at)?,
            delete_at: place.time_option("delete_at", row.delete_at)?,
            plan: place.value("plan", PlanName::parse(&row.plan))?,
        })
    }
}

#[async_trait]
impl ReadAccounts for SqliteStore {
    async fn get_account(&self, id: AccountId) -> Result<Option<Account>, StorageError> {
        let id = id.as_uuid();
        sqlx::query_as!(
            AccountRow,
            r#"select id as "id: Uuid", slug, name, created_at, updated_at, delete_at, plan from accounts where id = ?"#,
            id
        )
        .fetch_optional(&self.readers)
        .await
        .map_err(storage_error)?
        .map(Account::try_from)
        .transpose()
    }

    async fn find_account_by_slug(&self, slug: &Slug) -> Result<Option<Account>, StorageError> {
        let slug = slug.as_str();
        sqlx::query_as!(
            AccountRow,
            r#"select id as "id: Uuid", slug, name, created_at, updated_at, delete_at, plan from accounts where slug = ?"#,
            slug
        )
        .fetch_optional(&self.readers)
        .await
        .map_err(storage_error)?
        .map(Account::try_from)
        .transpose()
    }

    async fn list_accounts_to_delete(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<AccountId>, StorageError> {
        let now = now.timestamp_millis();
        let limit = i64::from(limit);
        let ids = sqlx::query_scalar!(
            r#"select id as "id: Uuid" from accounts where delete_at <= ?1 order by delete_at limit ?2"#,
            now,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        Ok(ids.into_iter().map(AccountId::from_uuid).collect())
    }
}

#[async_trait]
impl WriteAccounts for SqliteTransaction {
    async fn create_account(&mut self, account: &Account) -> Result<(), StorageError> {
        let id = account.id.as_uuid();
        let slug = account.slug.as_str();
        let name = account.name.as_str();
        let plan = account.plan.as_str();
        let created_at = account.created_at.timestamp_millis();
        let updated_at = account.updated_at.timestamp_millis();
        sqlx::query!(
            "insert into accounts (id, slug, name, created_at, updated_at, plan) values (?, ?, ?, ?, ?, ?)",
            id,
            slug,
            name,
            created_at,
            updated_at,
            plan
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(storage_error)
    }

    async fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        let id = id.as_uuid();
        // The transaction is the only one that writes.
        sqlx::query_as!(
            AccountRow,
            r#"select id as "id: Uuid", slug, name, created_at, updated_at, delete_at, plan from accounts where id = ?"#,
            id
        )
        .fetch_optional(self.connection())
        .await
        .map_err(storage_error)?
        .map(Account::try_from)
        .transpose()
    }

    async fn update_account(&mut self, account: &Account) -> Result<(), StorageError> {
        let id = account.id.as_uuid();
        let name = account.name.as_str();
        let updated_at = account.updated_at.timestamp_millis();
        let result = sqlx::query!("update accounts set name = ?, updated_at = ? where id = ?", name, updated_at, id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }

    async fn set_account_deletion(
        &mut self,
        id: AccountId,
        delete_at: Option<DateTime<Utc>>,
        updated_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let id = id.as_uuid();
        let delete_at = delete_at.map(|at| at.timestamp_millis());
        let updated_at = updated_at.timestamp_millis();
        let result = sqlx::query!(
            "update accounts set delete_at = ?1, updated_at = ?2 where id = ?3",
            delete_at,
            updated_at,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)
    }

    async fn delete_decisions(&mut self, id: AccountId, limit: u32) -> Result<u64, StorageError> {
        let id = id.as_uuid();
        let limit = i64::from(limit);
        sqlx::query!(
            r#"
            delete from decisions
            where account_id = ?1 and id in (select id from decisions where account_id = ?1 limit ?2)
            "#,
            id,
            limit
        )
        .execute(self.connection())
        .await
        .map(|result| result.rows_affected())
        .map_err(storage_error)
    }

    async fn delete_account(&mut self, id: AccountId, now: DateTime<Utc>) -> Result<(), StorageError> {
        let id = id.as_uuid();
        let now = now.timestamp_millis();
        sqlx::query_scalar!("select 1 as one from accounts where id = ?1 and delete_at <= ?2", id, now)
            .fetch_optional(self.connection())
            .await
            .map_err(storage_error)?
            .ok_or(StorageError::NotFound)?;
        sqlx::query!(
            r#"
            delete from users
            where
                id in (select user_id from members where account_id = ?1)
                and id not in (select user_id from members where account_id <> ?1)
            "#,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        // The only tables of an account, beside its decisions, that do not refer to it: they are written on every call.
        sqlx::query!("delete from counter_slots where account_id = ?1", id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        sqlx::query!("delete from usage_days where account_id = ?1", id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        let result = sqlx::query!("delete from accounts where id = ?1", id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }
}
