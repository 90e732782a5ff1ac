//! API keys.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Account, AccountId, ApiKey, ApiKeyId, Label, Role, UserId};
use ostiary_storage::{ApiKeyMatch, Page, PageRequest, ReadApiKeys, StorageError, WriteApiKeys};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::repo::account::AccountRow;
use crate::row::{Place, one_more, to_json, to_page};
use crate::store::SqliteStore;
use crate::transaction::{SqliteTransaction, one_row};

/// The columns of a key, as they stand in the table.
struct ApiKeyRow {
    account_id: Uuid,
    id: Uuid,
    label: String,
    role: String,
    hint: String,
    created_by: Uuid,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl TryFrom<ApiKeyRow> for ApiKey {
    type Error = StorageError;

    fn try_from(row: ApiKeyRow) -> Result<Self, StorageError> {
        let id = ApiKeyId::from_uuid(row.id);
        let place = Place::new("api_keys", id);
        Ok(Self {
            id,
            account_id: AccountId::from_uuid(row.account_id),
            label: place.value("label", Label::parse(&row.label))?,
            role: place.parse("role", &row.role)?,
            hint: row.hint.into(),
            created_by: UserId::from_uuid(row.created_by),
            created_at: place.time("created_at", row.created_at)?,
            expires_at: place.time_option("expires_at", row.expires_at)?,
            last_used_at: place.time_option("last_used_at", row.last_used_at)?,
            revoked_at: place.time_option("revoked_at", row.revoked_at)?,
        })
    }
}

#[async_trait]
impl ReadApiKeys for SqliteStore {
    async fn find_api_key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKeyMatch>, StorageError> {
        let hash = hash.as_slice();
        let row = sqlx::query!(
            r#"
            select
                k.account_id as "account_id: Uuid", k.id as "id: Uuid", k.label, k.role, k.hint,
                k.created_by as "created_by: Uuid", k.created_at, k.expires_at, k.last_used_at, k.revoked_at,
                a.slug, a.name, a.created_at as account_created_at, a.updated_at as account_updated_at,
                a.delete_at as account_delete_at, a.plan
            from api_keys k
            join accounts a on a.id = k.account_id
            where k.hash = ?
            "#,
            hash
        )
        .fetch_optional(&self.readers)
        .await
        .map_err(storage_error)?;
        row.map(|row| {
            let account = Account::try_from(AccountRow {
                id: row.account_id,
                slug: row.slug,
                name: row.name,
                created_at: row.account_created_at,
                updated_at: row.account_updated_at,
                delete_at: row.account_delete_at,
                plan: row.plan,
            })?;
            let key = ApiKey::try_from(ApiKeyRow {
                account_id: row.account_id,
                id: row.id,
                label: row.label,
                role: row.role,
                hint: row.hint,
                created_by: row.created_by,
                created_at: row.created_at,
                expires_at: row.expires_at,
                last_used_at: row.last_used_at,
                revoked_at: row.revoked_at,
            })?;
            Ok(ApiKeyMatch { key, account })
        })
        .transpose()
    }

    async fn get_api_key(&self, account_id: AccountId, id: ApiKeyId) -> Result<Option<ApiKey>, StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        sqlx::query_as!(
            ApiKeyRow,
            r#"
            select
                account_id as "account_id: Uuid", id as "id: Uuid", label, role, hint,
                created_by as "created_by: Uuid", created_at, expires_at, last_used_at, revoked_at
            from api_keys
            where account_id = ? and id = ?
            "#,
            account_id,
            id
        )
        .fetch_optional(&self.readers)
        .await
        .map_err(storage_error)?
        .map(ApiKey::try_from)
        .transpose()
    }

    async fn list_api_keys(
        &self,
        account_id: AccountId,
        page: PageRequest<ApiKeyId>,
    ) -> Result<Page<ApiKey>, StorageError> {
        let account_id = account_id.as_uuid();
        let after = page.after.as_ref().map(ApiKeyId::as_uuid);
        let limit = one_more(page.limit);
        let rows = sqlx::query_as!(
            ApiKeyRow,
            r#"
            select
                account_id as "account_id: Uuid", id as "id: Uuid", label, role, hint,
                created_by as "created_by: Uuid", created_at, expires_at, last_used_at, revoked_at
            from api_keys
            where account_id = ?1 and revoked_at is null and (?2 is null or id < ?2)
            order by id desc
            limit ?3
            "#,
            account_id,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, ApiKey::try_from)
    }
}

#[async_trait]
impl WriteApiKeys for SqliteTransaction {
    async fn create_api_key(&mut self, key: &ApiKey, hash: &[u8; 32]) -> Result<(), StorageError> {
        let account_id = key.account_id.as_uuid();
        let id = key.id.as_uuid();
        let label = key.label.as_str();
        let role = key.role.as_str();
        let hash = hash.as_slice();
        let hint = &*key.hint;
        let created_by = key.created_by.as_uuid();
        let created_at = key.created_at.timestamp_millis();
        let expires_at = key.expires_at.map(|at| at.timestamp_millis());
        let last_used_at = key.last_used_at.map(|at| at.timestamp_millis());
        let revoked_at = key.revoked_at.map(|at| at.timestamp_millis());
        sqlx::query!(
            r#"
            insert into api_keys
                (account_id, id, label, role, hash, hint, created_by, created_at, expires_at, last_used_at, revoked_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            "#,
            account_id,
            id,
            label,
            role,
            hash,
            hint,
            created_by,
            created_at,
            expires_at,
            last_used_at,
            revoked_at
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn revoke_api_key(
        &mut self,
        account_id: AccountId,
        id: ApiKeyId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let at = at.timestamp_millis();
        let result = sqlx::query!(
            "update api_keys set revoked_at = coalesce(revoked_at, ?) where account_id = ? and id = ?",
            at,
            account_id,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)
    }

    async fn revoke_api_keys_of(
        &mut self,
        account_id: AccountId,
        user_id: UserId,
        roles: &[Role],
        at: DateTime<Utc>,
    ) -> Result<u64, StorageError> {
        let account_id = account_id.as_uuid();
        let user_id = user_id.as_uuid();
        let roles = to_json(roles)?;
        let at = at.timestamp_millis();
        sqlx::query!(
            r#"
            update api_keys set revoked_at = ?1
            where
                account_id = ?2 and created_by = ?3 and revoked_at is null
                and role in (select value from json_each(?4))
            "#,
            at,
            account_id,
            user_id,
            roles
        )
        .execute(self.connection())
        .await
        .map(|result| result.rows_affected())
        .map_err(storage_error)
    }

    async fn touch_api_key(
        &mut self,
        account_id: AccountId,
        id: ApiKeyId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let at = at.timestamp_millis();
        let result = sqlx::query!(
            r#"
            update api_keys set last_used_at = max(coalesce(last_used_at, ?1), ?1)
            where account_id = ?2 and id = ?3
            "#,
            at,
            account_id,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)
    }
}
