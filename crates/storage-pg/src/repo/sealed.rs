//! Everything that is sealed.

use async_trait::async_trait;
use ostiary_model::{AccountId, ServerId, UserId};
use ostiary_storage::{IdempotencyKey, ReadSealed, SealedKind, SealedPlace, SealedValue, StorageError, WriteSealed};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::Place;
use crate::store::PgStore;
use crate::transaction::PgTransaction;
use crate::within::Within as _;

#[async_trait]
impl ReadSealed for PgStore {
    async fn list_sealed(
        &self,
        kind: SealedKind,
        after: Option<&SealedPlace>,
        limit: u32,
    ) -> Result<Vec<SealedValue>, StorageError> {
        match kind {
            SealedKind::Credentials => self.list_sealed_credentials(after, limit).await,
            SealedKind::TotpSecret => self.list_sealed_totp_secrets(after, limit).await,
            SealedKind::Answer => self.list_sealed_answers(after, limit).await,
        }
    }
}

impl PgStore {
    async fn list_sealed_credentials(
        &self,
        after: Option<&SealedPlace>,
        limit: u32,
    ) -> Result<Vec<SealedValue>, StorageError> {
        let (account_id, id) = match after {
            Some(SealedPlace::Credentials(account_id, id)) => (*account_id.as_uuid(), *id.as_uuid()),
            _ => (Uuid::nil(), Uuid::nil()),
        };
        let limit = i64::from(limit);
        let rows = sqlx::query!(
            r#"
            select account_id, id, auth_sealed as "sealed!"
            from servers
            where (account_id, id) > ($1, $2) and auth_sealed is not null
            order by account_id, id
            limit $3
            "#,
            account_id,
            id,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let value = |(account_id, id, sealed)| SealedValue {
            place: SealedPlace::Credentials(AccountId::from_uuid(account_id), ServerId::from_uuid(id)),
            sealed,
        };
        Ok(rows.into_iter().map(|row| value((row.account_id, row.id, row.sealed))).collect())
    }

    async fn list_sealed_totp_secrets(
        &self,
        after: Option<&SealedPlace>,
        limit: u32,
    ) -> Result<Vec<SealedValue>, StorageError> {
        let user_id = match after {
            Some(SealedPlace::TotpSecret(user_id)) => *user_id.as_uuid(),
            _ => Uuid::nil(),
        };
        let limit = i64::from(limit);
        let rows = sqlx::query!(
            r#"
            select user_id, secret_sealed from totps where user_id > $1 order by user_id limit $2
            "#,
            user_id,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let value =
            |user_id, sealed| SealedValue { place: SealedPlace::TotpSecret(UserId::from_uuid(user_id)), sealed };
        Ok(rows.into_iter().map(|row| value(row.user_id, row.secret_sealed)).collect())
    }

    async fn list_sealed_answers(
        &self,
        after: Option<&SealedPlace>,
        limit: u32,
    ) -> Result<Vec<SealedValue>, StorageError> {
        let (account_id, caller, key_hash) = match after {
            Some(SealedPlace::Answer(key)) => (*key.account_id.as_uuid(), key.caller.as_str(), &key.key_hash[..]),
            _ => (Uuid::nil(), "", &[][..]),
        };
        let limit = i64::from(limit);
        let rows = sqlx::query!(
            r#"
            select account_id, caller, key_hash, request_hash, answer as "answer!"
            from idempotency_keys
            where (account_id, caller, key_hash) > ($1, $2, $3) and answer is not null
            order by account_id, caller, key_hash
            limit $4
            "#,
            account_id,
            caller,
            key_hash,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let values = rows.into_iter().map(|row| {
            let account_id = AccountId::from_uuid(row.account_id);
            let place = Place::new("idempotency_keys", account_id);
            let key = IdempotencyKey {
                account_id,
                caller: row.caller,
                key_hash: place.hash("key_hash", &row.key_hash)?,
                request_hash: place.hash("request_hash", &row.request_hash)?,
            };
            Ok(SealedValue { place: SealedPlace::Answer(key), sealed: row.answer })
        });
        values.collect()
    }
}

#[async_trait]
impl WriteSealed for PgTransaction {
    async fn reseal(&mut self, before: &SealedValue, sealed: &[u8]) -> Result<bool, StorageError> {
        let old = before.sealed.as_slice();
        let result = match &before.place {
            SealedPlace::Credentials(account_id, id) => {
                let (account_id, id) = (account_id.as_uuid(), id.as_uuid());
                sqlx::query!(
                    "update servers set auth_sealed = $1 where account_id = $2 and id = $3 and auth_sealed = $4",
                    sealed,
                    account_id,
                    id,
                    old
                )
                .execute(&mut *self.inner)
                .within(self.patience)
                .await
            }
            SealedPlace::TotpSecret(user_id) => {
                let user_id = user_id.as_uuid();
                sqlx::query!(
                    "update totps set secret_sealed = $1 where user_id = $2 and secret_sealed = $3",
                    sealed,
                    user_id,
                    old
                )
                .execute(&mut *self.inner)
                .within(self.patience)
                .await
            }
            SealedPlace::Answer(key) => {
                let (account_id, key_hash) = (key.account_id.as_uuid(), key.key_hash.as_slice());
                sqlx::query!(
                    r#"
                    update idempotency_keys set answer = $1
                    where account_id = $2 and caller = $3 and key_hash = $4 and answer = $5
                    "#,
                    sealed,
                    account_id,
                    key.caller,
                    key_hash,
                    old
                )
                .execute(&mut *self.inner)
                .within(self.patience)
                .await
            }
        };
        result.map(|result| result.rows_affected() > 0).map_err(storage_error)
    }
}
