//! Users.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Email, User, UserId};
use ostiary_storage::{ReadUsers, StorageError, StoredUser, WriteUsers};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::Place;
use crate::store::PgStore;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

/// A user from the columns of the table.
pub(crate) fn to_user(
    id: Uuid,
    email: &str,
    created_at: i64,
    email_verified_at: Option<i64>,
) -> Result<User, StorageError> {
    let id = UserId::from_uuid(id);
    let place = Place::new("users", id);
    Ok(User {
        id,
        email: place.value("email", Email::parse(email))?,
        created_at: place.time("created_at", created_at)?,
        email_verified_at: place.time_option("email_verified_at", email_verified_at)?,
    })
}

/// The columns of a user, as they stand in the table.
struct UserRow {
    id: Uuid,
    email: String,
    password_hash: String,
    created_at: i64,
    email_verified_at: Option<i64>,
}

impl TryFrom<UserRow> for StoredUser {
    type Error = StorageError;

    fn try_from(row: UserRow) -> Result<Self, StorageError> {
        Ok(Self {
            user: to_user(row.id, &row.email, row.created_at, row.email_verified_at)?,
            password_hash: row.password_hash,
        })
    }
}

#[async_trait]
impl ReadUsers for PgStore {
    async fn find_user_by_email(&self, email: &Email) -> Result<Option<StoredUser>, StorageError> {
        let email = email.as_str();
        sqlx::query_as!(
            UserRow,
            r#"select id, email, password_hash, created_at, email_verified_at from users where email = $1"#,
            email
        )
        .fetch_optional(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .map(StoredUser::try_from)
        .transpose()
    }

    async fn get_user(&self, id: UserId) -> Result<Option<StoredUser>, StorageError> {
        let id = id.as_uuid();
        sqlx::query_as!(
            UserRow,
            r#"select id, email, password_hash, created_at, email_verified_at from users where id = $1"#,
            id
        )
        .fetch_optional(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .map(StoredUser::try_from)
        .transpose()
    }
}

#[async_trait]
impl WriteUsers for PgTransaction {
    async fn create_user(&mut self, user: &StoredUser) -> Result<(), StorageError> {
        let id = user.user.id.as_uuid();
        let email = user.user.email.as_str();
        let created_at = user.user.created_at.timestamp_millis();
        let email_verified_at = user.user.email_verified_at.map(|at| at.timestamp_millis());
        sqlx::query!(
            r#"
            insert into users (id, email, password_hash, created_at, email_verified_at)
            values ($1, $2, $3, $4, $5)
            "#,
            id,
            email,
            user.password_hash,
            created_at,
            email_verified_at
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

    async fn verify_email(&mut self, id: UserId, at: DateTime<Utc>) -> Result<(), StorageError> {
        let id = id.as_uuid();
        let at = at.timestamp_millis();
        let result = sqlx::query!("update users set email_verified_at = $1 where id = $2", at, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }
}
