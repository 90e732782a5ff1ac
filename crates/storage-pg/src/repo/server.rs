//! Servers.

mod row;
mod write;

use async_trait::async_trait;
use ostiary_model::{AccountId, Server, ServerId, Slug};
use ostiary_storage::{Page, PageRequest, ReadServers, ServerTotals, StorageError};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::{one_more, to_page};
use crate::store::PgStore;
use crate::within::Within as _;

pub(crate) use row::ServerRow;

/// The columns of a [`ServerRow`], and what comes after them in the statement.
macro_rules! select_servers {
    ($rest:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            ServerRow,
            r#"
            select
                account_id, id, slug, name, url, auth_header_names, auth_sealed,
                on_tool_change, on_limits_unavailable,
                identity_name, identity_version, identity_protocol_version, identity_instructions,
                identity_capabilities, inventory_read_at, inventory_error, inventory_lists, revision, created_at, updated_at
            from servers
            "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl ReadServers for PgStore {
    async fn get_server(&self, account_id: AccountId, id: ServerId) -> Result<Option<Server>, StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        select_servers!("where account_id = $1 and id = $2", account_id, id)
            .fetch_optional(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .map(Server::try_from)
            .transpose()
    }

    async fn find_server_by_slug(&self, account_id: AccountId, slug: &Slug) -> Result<Option<Server>, StorageError> {
        let account_id = account_id.as_uuid();
        let slug = slug.as_str();
        select_servers!("where account_id = $1 and slug = $2", account_id, slug)
            .fetch_optional(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .map(Server::try_from)
            .transpose()
    }

    async fn list_servers(
        &self,
        account_id: AccountId,
        page: PageRequest<ServerId>,
    ) -> Result<Page<Server>, StorageError> {
        let account_id = account_id.as_uuid();
        let after = page.after.as_ref().map(ServerId::as_uuid);
        let limit = one_more(page.limit);
        let rows = select_servers!(
            "where account_id = $1 and id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') order by id desc limit $3",
            account_id,
            after,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, Server::try_from)
    }

    async fn list_server_totals(
        &self,
        account_id: AccountId,
        ids: &[ServerId],
    ) -> Result<Vec<ServerTotals>, StorageError> {
        let account_id = account_id.as_uuid();
        let ids: Vec<Uuid> = ids.iter().map(|id| *id.as_uuid()).collect();
        let rows = sqlx::query!(
            r#"
            select
                s.id,
                (
                    select count(*) from tools t
                    where t.account_id = s.account_id and t.server_id = s.id and t.gone_at is null
                ) as "tools!",
                (
                    select coalesce(sum(octet_length(t.definition)), 0)::bigint from tools t
                    where t.account_id = s.account_id and t.server_id = s.id and t.gone_at is null
                ) as "tool_bytes!",
                (
                    select count(*) from tool_changes c
                    where c.account_id = s.account_id and c.server_id = s.id and c.reviewed_at is null
                ) as "open_changes!"
            from servers s
            where s.account_id = $1 and s.id = any($2)
            "#,
            account_id,
            &ids
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let totals = rows.into_iter().map(|row| ServerTotals {
            id: ServerId::from_uuid(row.id),
            tools: row.tools,
            tool_bytes: row.tool_bytes,
            open_changes: row.open_changes,
        });
        Ok(totals.collect())
    }
}
