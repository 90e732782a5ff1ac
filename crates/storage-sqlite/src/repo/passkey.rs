//! Passkeys.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Label, PasskeyId, UserId};
use ostiary_storage::{Ceremony, ReadPasskeys, StorageError, StoredPasskey, WritePasskeys};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::row::Place;
use crate::store::SqliteStore;
use crate::transaction::{SqliteTransaction, one_row};

/// The columns of a passkey, as they stand in the table.
struct PasskeyRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    credential_id: Vec<u8>,
    credential: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<PasskeyRow> for StoredPasskey {
    type Error = StorageError;

    fn try_from(row: PasskeyRow) -> Result<Self, StorageError> {
        let id = PasskeyId::from_uuid(row.id);
        let place = Place::new("passkeys", id);
        Ok(Self {
            id,
            user_id: UserId::from_uuid(row.user_id),
            name: place.value("name", Label::parse(&row.name))?,
            credential_id: row.credential_id,
            credential: row.credential,
            created_at: place.time("created_at", row.created_at)?,
            last_used_at: place.time_option("last_used_at", row.last_used_at)?,
        })
    }
}

#[async_trait]
impl ReadPasskeys for SqliteStore {
    async fn list_passkeys(&self, user_id: UserId) -> Result<Vec<StoredPasskey>, StorageError> {
        let user_id = user_id.as_uuid();
        let rows = sqlx::query_as!(
            PasskeyRow,
            r#"
            select id as "id: Uuid", user_id as "user_id: Uuid", name, credential_id, credential, created_at, last_used_at
            from passkeys
            where user_id = ?1
            order by id
            "#,
            user_id
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        rows.into_iter().map(StoredPasskey::try_from).collect()
    }
}

#[async_trait]
impl WritePasskeys for SqliteTransaction {
    async fn create_passkey(&mut self, passkey: &StoredPasskey) -> Result<(), StorageError> {
        let id = passkey.id.as_uuid();
        let user_id = passkey.user_id.as_uuid();
        let name = passkey.name.as_str();
        let created_at = passkey.created_at.timestamp_millis();
        let last_used_at = passkey.last_used_at.map(|at| at.timestamp_millis());
        sqlx::query!(
            r#"
            insert into passkeys (id, user_id, name, credential_id, credential, created_at, last_used_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            "#,
            id,
            user_id,
            name,
            passkey.credential_id,
            passkey.credential,
            created_at,
            last_used_at
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn use_passkey(
        &mut self,
        user_id: UserId,
        id: PasskeyId,
        credential: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let (user_id, id, at) = (user_id.as_uuid(), id.as_uuid(), at.timestamp_millis());
        let result = sqlx::query!(
            "update passkeys set credential = ?1, last_used_at = ?2 where user_id = ?3 and id = ?4",
            credential,
            at,
            user_id,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)
    }

    async fn delete_passkey(&mut self, user_id: UserId, id: PasskeyId) -> Result<(), StorageError> {
        let (user_id, id) = (user_id.as_uuid(), id.as_uuid());
        let result = sqlx::query!("delete from passkeys where user_id = ?1 and id = ?2", user_id, id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }

    async fn begin_ceremony(&mut self, ceremony: &Ceremony) -> Result<(), StorageError> {
        let (id, user_id) = (ceremony.id.as_uuid(), ceremony.user_id.as_uuid());
        let expires_at = ceremony.expires_at.timestamp_millis();
        sqlx::query!(
            "insert into passkey_ceremonies (id, user_id, state, expires_at) values (?1, ?2, ?3, ?4)",
            id,
            user_id,
            ceremony.state,
            expires_at
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn take_ceremony(
        &mut self,
        user_id: UserId,
        id: PasskeyId,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, StorageError> {
        let (user_id, id, now) = (user_id.as_uuid(), id.as_uuid(), now.timestamp_millis());
        sqlx::query_scalar!(
            "delete from passkey_ceremonies where id = ?1 and user_id = ?2 and expires_at > ?3 returning state",
            id,
            user_id,
            now
        )
        .fetch_optional(self.connection())
        .await
        .map_err(storage_error)
    }
}
