//! Audit events.

mod row;

use async_trait::async_trait;
use ostiary_model::{AccountId, AuditEntry, AuditEvent, AuditHead};
use ostiary_storage::{AuditFilter, Page, PageRequest, ReadAuditEvents, StorageError, audit};
use sqlx::{Postgres, QueryBuilder};

use self::row::{AuditRow, HeadRow};
use crate::error::{parent_error, storage_error};
use crate::row::{ceil_millis, one_more, to_page};
use crate::store::PgStore;
use crate::text::clean;
use crate::transaction::PgTransaction;
use crate::within::Within as _;

#[async_trait]
impl ReadAuditEvents for PgStore {
    async fn list_audit_events(
        &self,
        account_id: AccountId,
        filter: &AuditFilter,
        page: PageRequest<i64>,
    ) -> Result<Page<AuditEvent>, StorageError> {
        let rows = list_statement(account_id, filter, &page)
            .build_query_as::<AuditRow>()
            .fetch_all(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        to_page(rows, page.limit, AuditEvent::try_from)
    }

    async fn list_audit_chain(
        &self,
        account_id: AccountId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StorageError> {
        let account_id = account_id.as_uuid();
        sqlx::query_as!(
            AuditRow,
            r#"
            select
                account_id, number, id, time, actor_kind, actor_id, actor_name,
                action, object_kind, object_id, before, after, previous_hash, hash
            from audit_events
            where account_id = $1 and number > $2
            order by number
            limit $3
            "#,
            account_id,
            after,
            i64::from(limit)
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .into_iter()
        .map(AuditEvent::try_from)
        .collect()
    }

    async fn get_audit_head(&self, account_id: AccountId) -> Result<AuditHead, StorageError> {
        let id = account_id.as_uuid();
        let row =
            sqlx::query_as!(HeadRow, "select account_id, number, hash from audit_heads where account_id = $1", id)
                .fetch_optional(&self.pool)
                .within(self.patience)
                .await
                .map_err(storage_error)?;
        row.map_or(Ok(AuditHead::start(account_id)), AuditHead::try_from)
    }

    async fn list_audit_heads(&self, page: PageRequest<AccountId>) -> Result<Page<AuditHead>, StorageError> {
        let after = page.after.as_ref().map(AccountId::as_uuid);
        let limit = one_more(page.limit);
        let rows = sqlx::query_as!(
            HeadRow,
            r#"
            select a.account_id as "account_id!", coalesce(h.number, 0) as "number!",
                coalesce(h.hash, decode(repeat('00', 32), 'hex')) as "hash!"
            from (select account_id from audit_heads union select account_id from audit_events where number = 1) a
            left join audit_heads h on h.account_id = a.account_id
            where $1::uuid is null or a.account_id > $1
            order by a.account_id
            limit $2
            "#,
            after,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, AuditHead::try_from)
    }
}

/// The statement of the list: built, because filters have indexes of their own, and `$1 is null or` would hide them.
fn list_statement(account_id: AccountId, filter: &AuditFilter, page: &PageRequest<i64>) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("select * from audit_events where account_id = ");
    sql.push_bind(*account_id.as_uuid());
    if let Some(kind) = filter.actor_kind {
        sql.push(" and actor_kind = ").push_bind(kind.as_str());
    }
    if let Some(id) = &filter.actor_id {
        sql.push(" and actor_id = ").push_bind(clean(id).into_owned());
    }
    if let Some(action) = filter.action {
        sql.push(" and action = ").push_bind(action.as_str());
    }
    if let Some(kind) = filter.object_kind {
        sql.push(" and object_kind = ").push_bind(kind.as_str());
    }
    if let Some(id) = &filter.object_id {
        // The beginning has the index, the whole decides.
        let id = clean(id).into_owned();
        sql.push(" and left(object_id, 200) = left(").push_bind(id.clone()).push(", 200)");
        sql.push(" and object_id = ").push_bind(id);
    }
    if let Some(since) = filter.since {
        sql.push(" and time >= ").push_bind(ceil_millis(since));
    }
    if let Some(until) = filter.until {
        sql.push(" and time < ").push_bind(ceil_millis(until));
    }
    if let Some(after) = page.after {
        sql.push(" and number < ").push_bind(after);
    }
    sql.push(" order by number desc limit ").push_bind(one_more(page.limit));
    sql
}

impl PgTransaction {
    /// Puts an entry at the end of its account's chain. Whoever does so for the same account meanwhile waits for the
    /// end of this transaction.
    pub(crate) async fn append_audit_entry(&mut self, mut entry: AuditEntry) -> Result<(), StorageError> {
        let account_id = *entry.account_id.as_uuid();
        // What is hashed is what is kept.
        entry.actor.name = clean(&entry.actor.name).into_owned();
        entry.object.id = clean(&entry.object.id).into_owned();
        let start = AuditHead::start(entry.account_id);
        sqlx::query!(
            "insert into audit_heads (account_id, number, hash) values ($1, 0, $2) on conflict (account_id) do nothing",
            account_id,
            start.hash.as_slice()
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(parent_error)?;
        let row = sqlx::query_as!(
            HeadRow,
            "select account_id, number, hash from audit_heads where account_id = $1 for update",
            account_id
        )
        .fetch_one(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let event = audit::chain(&AuditHead::try_from(row)?, entry);
        let id = event.entry.id.as_uuid();
        sqlx::query!(
            r#"
            insert into audit_events
                (account_id, number, id, time, actor_kind, actor_id, actor_name, action, object_kind, object_id,
                before, after, previous_hash, hash)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            "#,
            account_id,
            event.number,
            id,
            event.entry.time.timestamp_millis(),
            event.entry.actor.kind.as_str(),
            event.entry.actor.id.as_deref(),
            event.entry.actor.name,
            event.entry.action.as_str(),
            event.entry.object.kind.as_str(),
            event.entry.object.id,
            event.entry.before,
            event.entry.after,
            event.previous_hash.as_slice(),
            event.hash.as_slice()
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(parent_error)?;
        sqlx::query!(
            "update audit_heads set number = $2, hash = $3 where account_id = $1",
            account_id,
            event.number,
            event.hash.as_slice()
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }
}
