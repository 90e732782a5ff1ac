//! What the plans of accounts are about.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Email, Holdings, PlanName};
use ostiary_storage::{ReadPlans, StorageError, WritePlans};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::Place;
use crate::store::PgStore;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

#[async_trait]
impl ReadPlans for PgStore {
    async fn count_holdings(&self, account_id: AccountId, now: DateTime<Utc>) -> Result<Holdings, StorageError> {
        let id = account_id.as_uuid();
        let now = now.timestamp_millis();
        let row = sqlx::query!(
            r#"
            select
                (select count(*) from servers where account_id = $1) as "servers!",
                (select count(*) from grants where account_id = $1 and revoked_at is null) as "grants!",
                (select count(*) from members where account_id = $1) as "members!",
                (select count(*) from invitations where account_id = $1 and expires_at > $2)
                    as "invitations!"
            "#,
            id,
            now
        )
        .fetch_one(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Holdings {
            servers: count(row.servers),
            grants: count(row.grants),
            members: count(row.members),
            invitations: count(row.invitations),
        })
    }

    async fn list_account_plans(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<(AccountId, PlanName)>, StorageError> {
        let after = after.map_or(Uuid::nil(), |after| *after.as_uuid());
        let limit = i64::from(limit);
        let rows = sqlx::query!(r#"select id, plan from accounts where id > $1 order by id limit $2"#, after, limit)
            .fetch_all(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        let plan = |id: AccountId, text: &str| Place::new("accounts", id).value("plan", PlanName::parse(text));
        rows.iter()
            .map(|row| AccountId::from_uuid(row.id))
            .zip(&rows)
            .map(|(id, row)| Ok((id, plan(id, &row.plan)?)))
            .collect()
    }
}

#[async_trait]
impl WritePlans for PgTransaction {
    async fn set_account_plan(
        &mut self,
        id: AccountId,
        plan: &PlanName,
        updated_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let id = id.as_uuid();
        let plan = plan.as_str();
        let updated_at = updated_at.timestamp_millis();
        let result = sqlx::query!("update accounts set plan = $1, updated_at = $2 where id = $3", plan, updated_at, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }

    async fn count_servers(&mut self, account_id: AccountId, most: u32) -> Result<u64, StorageError> {
        let id = account_id.as_uuid();
        let most = i64::from(most);
        let count = sqlx::query_scalar!(
            r#"select count(*) as "n!" from (select 1 from servers where account_id = $1 limit $2) as counted"#,
            id,
            most
        )
        .fetch_one(&mut *self.inner)
        .within(self.patience)
        .await;
        counted(count)
    }

    async fn count_grants(&mut self, account_id: AccountId, most: u32) -> Result<u64, StorageError> {
        let id = account_id.as_uuid();
        let most = i64::from(most);
        let count = sqlx::query_scalar!(
            r#"select count(*) as "n!" from (select 1 from grants where account_id = $1 and revoked_at is null limit $2) as counted"#,
            id,
            most
        )
        .fetch_one(&mut *self.inner)
        .within(self.patience)
        .await;
        counted(count)
    }

    async fn count_members(&mut self, account_id: AccountId, most: u32) -> Result<u64, StorageError> {
        let id = account_id.as_uuid();
        let most = i64::from(most);
        let count = sqlx::query_scalar!(
            r#"select count(*) as "n!" from (select 1 from members where account_id = $1 limit $2) as counted"#,
            id,
            most
        )
        .fetch_one(&mut *self.inner)
        .within(self.patience)
        .await;
        counted(count)
    }

    async fn count_invitations(
        &mut self,
        account_id: AccountId,
        now: DateTime<Utc>,
        except: &Email,
        most: u32,
    ) -> Result<u64, StorageError> {
        let id = account_id.as_uuid();
        let most = i64::from(most);
        let now = now.timestamp_millis();
        let except = except.as_str();
        let count = sqlx::query_scalar!(
            r#"
            select count(*) as "n!"
            from (
                select 1 from invitations where account_id = $1 and expires_at > $2 and email <> $3 limit $4
            ) as counted
            "#,
            id,
            now,
            except,
            most
        )
        .fetch_one(&mut *self.inner)
        .within(self.patience)
        .await;
        counted(count)
    }

    async fn delete_decisions_before(
        &mut self,
        account_id: AccountId,
        time: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError> {
        let id = account_id.as_uuid();
        let time = time.timestamp_millis();
        let limit = i64::from(limit);
        sqlx::query!(
            r#"
            delete from decisions
            where
                account_id = $1
                and id in (select id from decisions where account_id = $1 and time < $2 order by time limit $3)
            "#,
            id,
            time,
            limit
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(|result| result.rows_affected())
        .map_err(storage_error)
    }
}

/// What a query counted.
fn counted(count: Result<i64, sqlx::Error>) -> Result<u64, StorageError> {
    count.map(|count| u64::try_from(count).unwrap_or(0)).map_err(storage_error)
}
