//! People as a provider of sign-ins knows them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Identity, IdentityId, UserId};
use ostiary_storage::{ReadIdentities, StorageError, WriteIdentities};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::row::Place;
use crate::store::PgStore;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

/// The columns of an identity, as they stand in the table.
struct IdentityRow {
    id: Uuid,
    user_id: Uuid,
    issuer: String,
    subject: String,
    email: Option<String>,
    created_at: i64,
    last_used_at: i64,
}

impl TryFrom<IdentityRow> for Identity {
    type Error = StorageError;

    fn try_from(row: IdentityRow) -> Result<Self, StorageError> {
        let id = IdentityId::from_uuid(row.id);
        let place = Place::new("identities", id);
        Ok(Self {
            id,
            user_id: UserId::from_uuid(row.user_id),
            issuer: row.issuer,
            subject: row.subject,
            email: row.email,
            created_at: place.time("created_at", row.created_at)?,
            last_used_at: place.time("last_used_at", row.last_used_at)?,
        })
    }
}

#[async_trait]
impl ReadIdentities for PgStore {
    async fn find_identity(&self, issuer: &str, subject: &str) -> Result<Option<Identity>, StorageError> {
        sqlx::query_as!(
            IdentityRow,
            r#"
            select id, user_id, issuer, subject, email, created_at, last_used_at
            from identities
            where issuer = $1 and subject = $2
            "#,
            issuer,
            subject
        )
        .fetch_optional(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .map(Identity::try_from)
        .transpose()
    }

    async fn list_identities(&self, user_id: UserId) -> Result<Vec<Identity>, StorageError> {
        let user_id = user_id.as_uuid();
        let rows = sqlx::query_as!(
            IdentityRow,
            r#"
            select id, user_id, issuer, subject, email, created_at, last_used_at
            from identities
            where user_id = $1
            order by id
            "#,
            user_id
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        rows.into_iter().map(Identity::try_from).collect()
    }
}

#[async_trait]
impl WriteIdentities for PgTransaction {
    async fn create_identity(&mut self, identity: &Identity) -> Result<(), StorageError> {
        let (id, user_id) = (identity.id.as_uuid(), identity.user_id.as_uuid());
        let created_at = identity.created_at.timestamp_millis();
        let last_used_at = identity.last_used_at.timestamp_millis();
        sqlx::query!(
            r#"
            insert into identities (id, user_id, issuer, subject, email, created_at, last_used_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            "#,
            id,
            user_id,
            identity.issuer,
            identity.subject,
            identity.email,
            created_at,
            last_used_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn use_identity(&mut self, id: IdentityId, at: DateTime<Utc>) -> Result<(), StorageError> {
        let (id, at) = (id.as_uuid(), at.timestamp_millis());
        let result = sqlx::query!("update identities set last_used_at = $1 where id = $2", at, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }

    async fn delete_identity(&mut self, user_id: UserId, id: IdentityId) -> Result<(), StorageError> {
        let (user_id, id) = (user_id.as_uuid(), id.as_uuid());
        let result = sqlx::query!("delete from identities where user_id = $1 and id = $2", user_id, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }
}
