//! Grants, their bindings and tokens.

mod row;
mod write;

use async_trait::async_trait;
use ostiary_model::{AccountId, Grant, GrantId};
use ostiary_storage::{Page, PageRequest, ReadGrants, StorageError};

use crate::error::storage_error;
use crate::row::{one_more, to_page};
use crate::store::PgStore;
use crate::within::Within as _;

pub(crate) use row::GrantRow;

/// The columns of a [`GrantRow`] with its bindings as JSON, and what comes after them in the statement.
macro_rules! select_grants {
    ($rest:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query!(
            r#"
            select
                account_id, id, label, metadata, token_hint, expires_at, revoked_at,
                last_used_at, revision, created_at,
                (
                    select coalesce(
                        json_agg(json_build_array(b.server_id, b.policy_id, b.mode) order by b.position), '[]'
                    )::text
                    from bindings b
                    where b.account_id = grants.account_id and b.grant_id = grants.id
                ) as "bindings!"
            from grants
            "# + $rest,
            $($argument),+
        )
    };
}

/// The grant of a row of `select_grants`, whose type has no name.
macro_rules! to_grant {
    ($row:expr) => {{
        let row = $row;
        GrantRow {
            account_id: row.account_id,
            id: row.id,
            label: row.label,
            metadata: row.metadata,
            token_hint: row.token_hint,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            revision: row.revision,
            created_at: row.created_at,
        }
        .into_grant_with(&row.bindings)
    }};
}

#[async_trait]
impl ReadGrants for PgStore {
    async fn get_grant(&self, account_id: AccountId, id: GrantId) -> Result<Option<Grant>, StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        select_grants!("where account_id = $1 and id = $2", account_id, id)
            .fetch_optional(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .map(|row| to_grant!(row))
            .transpose()
    }

    async fn list_grants(
        &self,
        account_id: AccountId,
        page: PageRequest<GrantId>,
    ) -> Result<Page<Grant>, StorageError> {
        let account_id = account_id.as_uuid();
        let after = page.after.as_ref().map(GrantId::as_uuid);
        let limit = one_more(page.limit);
        let rows = select_grants!(
            "where account_id = $1 and id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') order by id desc limit $3",
            account_id,
            after,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, |row| to_grant!(row))
    }
}
