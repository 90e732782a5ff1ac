//! Users.

use async_trait::async_trait;
use ostiary_model::{Email, User, UserId};
use ostiary_storage::{ReadUsers, StorageError, StoredUser, WriteUsers};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::Place;
use crate::store::PgStore;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

/// A user from the columns of the table.
pub(crate) fn to_user(id: Uuid, email: &str, created_at: i64) -> Result<User, StorageError> {
    let id = UserId::from_uuid(id);
    let place = Place::new("users", id);
    Ok(User {
        id,
        email: place.value("email", Email::parse(email))?,
        created_at: place.time("created_at", created_at)?,
    })
}

#[async_trait]
impl ReadUsers for PgStore {
    async fn find_user_by_email(&self, email: &Email) -> Result<Option<StoredUser>, StorageError> {
        let email = email.as_str();
        let row = sqlx::query!(r#"select id, email, password_hash, created_at from users where email = $1"#, email)
            .fetch_optional(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        row.map(|row| {
            Ok(StoredUser { user: to_user(row.id, &row.email, row.created_at)?, password_hash: row.password_hash })
        })
        .transpose()
    }
}

#[async_trait]
impl WriteUsers for PgTransaction {
    async fn create_user(&mut self, user: &StoredUser) -> Result<(), StorageError> {
        let id = user.user.id.as_uuid();
        let email = user.user.email.as_str();
        let created_at = user.user.created_at.timestamp_millis();
        sqlx::query!(
            "insert into users (id, email, password_hash, created_at) values ($1, $2, $3, $4)",
            id,
            email,
            user.password_hash,
            created_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }

    async fn update_password_hash(&mut self, id: UserId, password_hash: &str) -> Result<(), StorageError> {
        let id = id.as_uuid();
        let result = sqlx::query!("update users set password_hash = $1 where id = $2", password_hash, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }
}
