//! Tools: inventories of servers.

use async_trait::async_trait;
use ostiary_model::tool::Override;
use ostiary_model::{AccountId, ServerId, Tool};
use ostiary_storage::{Page, PageRequest, ReadTools, StorageError};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::{Place, one_more, to_page};
use crate::store::PgStore;
use crate::within::Within as _;

/// The columns of a tool.
struct ToolRow {
    server_id: Uuid,
    name: String,
    definition: String,
    fingerprint: Vec<u8>,
    accepted_fingerprint: Vec<u8>,
    category: String,
    risk: String,
    override_category: Option<String>,
    override_risk: Option<String>,
    override_by: Option<String>,
    override_at: Option<i64>,
    first_seen_at: i64,
    last_seen_at: i64,
    gone_at: Option<i64>,
}

impl TryFrom<ToolRow> for Tool {
    type Error = StorageError;

    fn try_from(row: ToolRow) -> Result<Self, StorageError> {
        let server_id = ServerId::from_uuid(row.server_id);
        let place = Place::new("tools", format!("{server_id} `{}`", row.name));
        let overridden = match (row.override_by, row.override_at) {
            (Some(by), Some(at)) => Some(Override {
                category: row.override_category.map(|word| place.parse("override_category", &word)).transpose()?,
                risk: row.override_risk.map(|word| place.parse("override_risk", &word)).transpose()?,
                by,
                at: place.time("override_at", at)?,
            }),
            _ => None,
        };
        Ok(Self {
            server_id,
            definition: place.json("definition", &row.definition)?,
            fingerprint: place.hash("fingerprint", &row.fingerprint)?,
            accepted_fingerprint: place.hash("accepted_fingerprint", &row.accepted_fingerprint)?,
            computed_category: place.parse("category", &row.category)?,
            computed_risk: place.parse("risk", &row.risk)?,
            overridden,
            first_seen_at: place.time("first_seen_at", row.first_seen_at)?,
            last_seen_at: place.time("last_seen_at", row.last_seen_at)?,
            gone_at: place.time_option("gone_at", row.gone_at)?,
            name: row.name,
        })
    }
}

/// The columns of a [`ToolRow`], and what comes after them in the statement.
macro_rules! select_tools {
    ($rest:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            ToolRow,
            r#"
            select
                server_id, name, definition, fingerprint, accepted_fingerprint, category, risk,
                override_category, override_risk, override_by, override_at, first_seen_at, last_seen_at, gone_at
            from tools
            "# + $rest,
            $($argument),+
        )
    };
}

mod write;

#[async_trait]
impl ReadTools for PgStore {
    async fn get_tool(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        name: &str,
    ) -> Result<Option<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        select_tools!(
            "where account_id = $1 and server_id = $2 and name = $3 and gone_at is null",
            account_id,
            server_id,
            name
        )
        .fetch_optional(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .map(Tool::try_from)
        .transpose()
    }

    async fn list_tools(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        page: PageRequest<String>,
    ) -> Result<Page<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        let limit = one_more(page.limit);
        let rows = select_tools!(
            "where account_id = $1 and server_id = $2 and ($3::text is null or name > $3) and gone_at is null order by name limit $4",
            account_id,
            server_id,
            page.after,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, Tool::try_from)
    }

    async fn list_all_tools(&self, account_id: AccountId, server_id: ServerId) -> Result<Vec<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        select_tools!(
            "where account_id = $1 and server_id = $2 and gone_at is null order by name",
            account_id,
            server_id
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .into_iter()
        .map(Tool::try_from)
        .collect()
    }

    async fn list_foreign_tool_names(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        limit: u32,
    ) -> Result<Vec<String>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        let limit = i64::from(limit);
        sqlx::query_scalar!(
            "select distinct name from tools where account_id = $1 and server_id <> $2 and gone_at is null limit $3",
            account_id,
            server_id,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)
    }
}
