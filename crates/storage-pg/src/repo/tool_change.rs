//! Differences between inventories and what was accepted of them.

use async_trait::async_trait;
use ostiary_model::tool::Category;
use ostiary_model::tool_change::Review;
use ostiary_model::{AccountId, ServerId, ToolChange, ToolChangeId};
use ostiary_storage::{Page, PageRequest, ReadToolChanges, StorageError, WriteToolChanges};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::row::{Place, one_more, to_json, to_page};
use crate::store::PgStore;
use crate::text::{clean, clean_option};
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

/// The columns of a change.
struct ChangeRow {
    account_id: Uuid,
    id: Uuid,
    server_id: Uuid,
    kind: String,
    tool: String,
    previous_name: Option<String>,
    before: Option<String>,
    after: Option<String>,
    category_before: Option<String>,
    category_after: Option<String>,
    detected_at: i64,
    reviewed_by: Option<String>,
    reviewed_at: Option<i64>,
}

impl TryFrom<ChangeRow> for ToolChange {
    type Error = StorageError;

    fn try_from(row: ChangeRow) -> Result<Self, StorageError> {
        let id = ToolChangeId::from_uuid(row.id);
        let place = Place::new("tool_changes", id);
        let json = |column, text: Option<String>| text.map(|text| place.json(column, &text)).transpose();
        let category = |column, text: Option<String>| text.map(|text| place.parse(column, &text)).transpose();
        let review = match (row.reviewed_by, row.reviewed_at) {
            (Some(by), Some(at)) => Some(Review { by, at: place.time("reviewed_at", at)? }),
            _ => None,
        };
        Ok(Self {
            id,
            account_id: AccountId::from_uuid(row.account_id),
            server_id: ServerId::from_uuid(row.server_id),
            kind: place.parse("kind", &row.kind)?,
            tool: row.tool,
            previous_name: row.previous_name,
            before: json("before", row.before)?,
            after: json("after", row.after)?,
            category_before: category("category_before", row.category_before)?,
            category_after: category("category_after", row.category_after)?,
            detected_at: place.time("detected_at", row.detected_at)?,
            review,
        })
    }
}

/// The columns of a [`ChangeRow`], and what comes after them in the statement.
macro_rules! select_changes {
    ($rest:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            ChangeRow,
            r#"
            select
                account_id, id, server_id,
                kind, tool, previous_name, before, after, category_before, category_after, detected_at,
                reviewed_by, reviewed_at
            from tool_changes
            "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl ReadToolChanges for PgStore {
    async fn get_tool_change(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        id: ToolChangeId,
    ) -> Result<Option<ToolChange>, StorageError> {
        let (account_id, server_id, id) = (account_id.as_uuid(), server_id.as_uuid(), id.as_uuid());
        select_changes!("where account_id = $1 and server_id = $2 and id = $3", account_id, server_id, id)
            .fetch_optional(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .map(ToolChange::try_from)
            .transpose()
    }

    async fn list_tool_changes(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        is_reviewed: bool,
        page: PageRequest<ToolChangeId>,
    ) -> Result<Page<ToolChange>, StorageError> {
        let (account_id, server_id) = (account_id.as_uuid(), server_id.as_uuid());
        let after = page.after.map(|id| *id.as_uuid());
        let limit = one_more(page.limit);
        let rows = select_changes!(
            r#"where account_id = $1 and server_id = $2 and (reviewed_at is not null) = $3
                and ($4::uuid is null or id < $4) order by id desc limit $5"#,
            account_id,
            server_id,
            is_reviewed,
            after,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, ToolChange::try_from)
    }
}

#[async_trait]
impl WriteToolChanges for PgTransaction {
    async fn open_tool_changes(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
    ) -> Result<Vec<ToolChange>, StorageError> {
        let (account_id, server_id) = (account_id.as_uuid(), server_id.as_uuid());
        select_changes!(
            "where account_id = $1 and server_id = $2 and reviewed_at is null order by id",
            account_id,
            server_id
        )
        .fetch_all(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .into_iter()
        .map(ToolChange::try_from)
        .collect()
    }

    async fn put_tool_change(&mut self, change: &ToolChange) -> Result<(), StorageError> {
        let (account_id, id, server_id) =
            (change.account_id.as_uuid(), change.id.as_uuid(), change.server_id.as_uuid());
        let kind = change.kind.as_str();
        let tool = clean(&change.tool);
        let before = change.before.as_ref().map(to_json).transpose()?;
        let after = change.after.as_ref().map(to_json).transpose()?;
        let category_before = change.category_before.map(Category::as_str);
        let category_after = change.category_after.map(Category::as_str);
        let detected_at = change.detected_at.timestamp_millis();
        let reviewed_by = change.review.as_ref().map(|review| review.by.as_str());
        let reviewed_at = change.review.as_ref().map(|review| review.at.timestamp_millis());
        let previous_name = clean_option(change.previous_name.as_deref());
        sqlx::query!(
            r#"
            insert into tool_changes (
                account_id, id, server_id, kind, tool, previous_name, before, after, category_before, category_after,
                detected_at, reviewed_by, reviewed_at
            )
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            on conflict (account_id, id) do update set
                kind = excluded.kind, tool = excluded.tool, previous_name = excluded.previous_name,
                before = excluded.before, after = excluded.after, category_before = excluded.category_before,
                category_after = excluded.category_after, detected_at = excluded.detected_at,
                reviewed_by = excluded.reviewed_by, reviewed_at = excluded.reviewed_at
            "#,
            account_id,
            id,
            server_id,
            kind,
            tool.as_ref(),
            previous_name.as_deref(),
            before,
            after,
            category_before,
            category_after,
            detected_at,
            reviewed_by,
            reviewed_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn delete_tool_change(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        id: ToolChangeId,
    ) -> Result<(), StorageError> {
        let (account_id, server_id, id) = (account_id.as_uuid(), server_id.as_uuid(), id.as_uuid());
        let result = sqlx::query!(
            "delete from tool_changes where account_id = $1 and server_id = $2 and id = $3",
            account_id,
            server_id,
            id
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        one_row(&result)
    }

    async fn review_tool_change(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        id: ToolChangeId,
        review: &Review,
    ) -> Result<(), StorageError> {
        let (account_id, server_id, id) = (account_id.as_uuid(), server_id.as_uuid(), id.as_uuid());
        let by = review.by.as_str();
        let at = review.at.timestamp_millis();
        let result = sqlx::query!(
            r#"
            update tool_changes set reviewed_by = $1, reviewed_at = $2
            where account_id = $3 and server_id = $4 and id = $5 and reviewed_at is null
            "#,
            by,
            at,
            account_id,
            server_id,
            id
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        if result.rows_affected() > 0 {
            return Ok(());
        }
        let found = sqlx::query!(
            "select kind from tool_changes where account_id = $1 and server_id = $2 and id = $3",
            account_id,
            server_id,
            id
        )
        .fetch_optional(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        Err(if found.is_some() { StorageError::Stale } else { StorageError::NotFound })
    }
}
