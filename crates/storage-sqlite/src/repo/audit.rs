//! Audit events.

mod row;

use async_trait::async_trait;
use ostiary_model::{AccountId, AuditEntry, AuditEvent, AuditHead};
use ostiary_storage::{AuditFilter, Page, PageRequest, ReadAuditEvents, StorageError, audit};
use sqlx::{QueryBuilder, Sqlite};
use uuid::Uuid;

use self::row::{AuditRow, HeadRow};
use crate::error::{parent_error, storage_error};
use crate::row::{ceil_millis, one_more, to_page};
use crate::store::SqliteStore;
use crate::transaction::SqliteTransaction;

#[async_trait]
impl ReadAuditEvents for SqliteStore {
    async fn list_audit_events(
        &self,
        account_id: AccountId,
        filter: &AuditFilter,
        page: PageRequest<i64>,
    ) -> Result<Page<AuditEvent>, StorageError> {
        let rows = list_statement(account_id, filter, &page)
            .build_query_as::<AuditRow>()
            .fetch_all(&self.readers)
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
                account_id as "account_id: Uuid", number, id as "id: Uuid", time, actor_kind, actor_id, actor_name,
                action, object_kind, object_id, before, after, previous_hash, hash
            from audit_events
            where account_id = ? and number > ?
            order by number
            limit ?
            "#,
            account_id,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?
        .into_iter()
        .map(AuditEvent::try_from)
        .collect()
    }

    async fn get_audit_head(&self, account_id: AccountId) -> Result<AuditHead, StorageError> {
        let id = account_id.as_uuid();
        let row = sqlx::query_as!(
            HeadRow,
            r#"select account_id as "account_id: Uuid", number, hash from audit_heads where account_id = ?"#,
            id
        )
        .fetch_optional(&self.readers)
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
            select a.account_id as "account_id!: Uuid", coalesce(h.number, 0) as "number!: i64",
                coalesce(h.hash, zeroblob(32)) as "hash!: Vec<u8>"
            from (select account_id from audit_heads union select account_id from audit_events where number = 1) a
            left join audit_heads h on h.account_id = a.account_id
            where ?1 is null or a.account_id > ?1
            order by a.account_id
            limit ?2
            "#,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, AuditHead::try_from)
    }
}

/// The statement of the list: built, because filters have indexes of their own, and `? is null or` would hide them.
fn list_statement(account_id: AccountId, filter: &AuditFilter, page: &PageRequest<i64>) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("select * from audit_events where account_id = ");
    sql.push_bind(*account_id.as_uuid());
    if let Some(kind) = filter.actor_kind {
        sql.push(" and actor_kind = ").push_bind(kind.as_str());
    }
    if let Some(id) = &filter.actor_id {
        sql.push(" and actor_id = ").push_bind(id.clone());
    }
    if let Some(action) = filter.action {
        sql.push(" and action = ").push_bind(action.as_str());
    }
    if let Some(kind) = filter.object_kind {
        sql.push(" and object_kind = ").push_bind(kind.as_str());
    }
    if let Some(id) = &filter.object_id {
        sql.push(" and object_id = ").push_bind(id.clone());
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

impl SqliteTransaction {
    /// Puts an entry at the end of its account's chain. There is one writer: nobody else does so meanwhile.
    pub(crate) async fn append_audit_entry(&mut self, entry: AuditEntry) -> Result<(), StorageError> {
        let account_id = *entry.account_id.as_uuid();
        let row = sqlx::query_as!(
            HeadRow,
            r#"select account_id as "account_id: Uuid", number, hash from audit_heads where account_id = ?"#,
            account_id
        )
        .fetch_optional(self.connection())
        .await
        .map_err(storage_error)?;
        let head = row.map_or(Ok(AuditHead::start(entry.account_id)), AuditHead::try_from)?;
        let event = audit::chain(&head, entry);
        let (previous_hash, hash) = (event.previous_hash.as_slice(), event.hash.as_slice());
        let id = event.entry.id.as_uuid();
        let time = event.entry.time.timestamp_millis();
        let (actor_kind, actor_id) = (event.entry.actor.kind.as_str(), event.entry.actor.id.as_deref());
        let action = event.entry.action.as_str();
        let object_kind = event.entry.object.kind.as_str();
        sqlx::query!(
            r#"
            insert into audit_events
                (account_id, number, id, time, actor_kind, actor_id, actor_name, action, object_kind, object_id,
                before, after, previous_hash, hash)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            "#,
            account_id,
            event.number,
            id,
            time,
            actor_kind,
            actor_id,
            event.entry.actor.name,
            action,
            object_kind,
            event.entry.object.id,
            event.entry.before,
            event.entry.after,
            previous_hash,
            hash
        )
        .execute(self.connection())
        .await
        .map_err(parent_error)?;
        sqlx::query!(
            r#"
            insert into audit_heads (account_id, number, hash) values (?, ?, ?)
            on conflict (account_id) do update set number = excluded.number, hash = excluded.hash
            "#,
            account_id,
            event.number,
            hash
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }
}
