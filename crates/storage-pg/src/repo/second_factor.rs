//! Second factors.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::UserId;
use ostiary_storage::{ReadSecondFactors, StorageError, StoredTotp, WriteSecondFactors};

use crate::error::{parent_error, storage_error};
use crate::row::Place;
use crate::store::PgStore;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

#[async_trait]
impl ReadSecondFactors for PgStore {
    async fn get_totp(&self, user_id: UserId) -> Result<Option<StoredTotp>, StorageError> {
        let id = user_id.as_uuid();
        let row = sqlx::query!("select secret_sealed, confirmed_at from totps where user_id = $1", id)
            .fetch_optional(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        let place = Place::new("totps", user_id);
        row.map(|row| {
            let confirmed_at = place.time_option("confirmed_at", row.confirmed_at)?;
            Ok(StoredTotp { sealed: row.secret_sealed, confirmed_at })
        })
        .transpose()
    }

    async fn count_recovery_codes(&self, user_id: UserId) -> Result<u64, StorageError> {
        let id = user_id.as_uuid();
        let count = sqlx::query_scalar!(r#"select count(*) as "count!" from recovery_codes where user_id = $1"#, id)
            .fetch_one(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        Place::new("recovery_codes", user_id).value("count", u64::try_from(count))
    }
}

#[async_trait]
impl WriteSecondFactors for PgTransaction {
    async fn put_totp(&mut self, user_id: UserId, sealed: &[u8]) -> Result<(), StorageError> {
        let id = user_id.as_uuid();
        let result = sqlx::query!(
            r#"
            insert into totps (user_id, secret_sealed, last_step) values ($1, $2, 0)
            on conflict (user_id) do update set secret_sealed = excluded.secret_sealed, last_step = 0
            where totps.confirmed_at is null
            "#,
            id,
            sealed
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(parent_error)?;
        one_row(&result)
    }

    async fn confirm_totp(&mut self, user_id: UserId, at: DateTime<Utc>) -> Result<(), StorageError> {
        let id = user_id.as_uuid();
        let at = at.timestamp_millis();
        let result =
            sqlx::query!("update totps set confirmed_at = $1 where user_id = $2 and confirmed_at is null", at, id)
                .execute(&mut *self.inner)
                .within(self.patience)
                .await
                .map_err(storage_error)?;
        one_row(&result)
    }

    async fn take_totp_step(&mut self, user_id: UserId, step: i64) -> Result<bool, StorageError> {
        let id = user_id.as_uuid();
        sqlx::query!("update totps set last_step = $1 where user_id = $2 and last_step < $1", step, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map(|result| result.rows_affected() > 0)
            .map_err(storage_error)
    }

    async fn delete_second_factors(&mut self, user_id: UserId) -> Result<bool, StorageError> {
        let id = user_id.as_uuid();
        let passkeys = sqlx::query!("delete from passkeys where user_id = $1", id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        sqlx::query!("delete from recovery_codes where user_id = $1", id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        sqlx::query!("delete from totps where user_id = $1", id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map(|result| result.rows_affected() + passkeys.rows_affected() > 0)
            .map_err(storage_error)
    }

    async fn replace_recovery_codes(&mut self, user_id: UserId, hashes: &[[u8; 32]]) -> Result<(), StorageError> {
        let id = user_id.as_uuid();
        sqlx::query!("delete from recovery_codes where user_id = $1", id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        for hash in hashes {
            let hash = hash.as_slice();
            sqlx::query!("insert into recovery_codes (user_id, hash) values ($1, $2)", id, hash)
                .execute(&mut *self.inner)
                .within(self.patience)
                .await
                .map_err(parent_error)?;
        }
        Ok(())
    }

    async fn take_recovery_code(&mut self, user_id: UserId, hash: &[u8; 32]) -> Result<bool, StorageError> {
        let id = user_id.as_uuid();
        let hash = hash.as_slice();
        sqlx::query!("delete from recovery_codes where user_id = $1 and hash = $2", id, hash)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map(|result| result.rows_affected() > 0)
            .map_err(storage_error)
    }
}
