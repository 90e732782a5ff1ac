//! Policies and their versions.

mod write;

use async_trait::async_trait;
use ostiary_model::{AccountId, Name, Policy, PolicyId, PolicyVersion, ServerId, Slug};
use ostiary_storage::{Page, PageRequest, PolicyUse, ReadPolicies, StorageError};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::{Place, one_more, to_json, to_page};
use crate::store::SqliteStore;

/// The columns of a policy, and of its newest version (`v_`).
struct PolicyRow {
    account_id: Uuid,
    id: Uuid,
    server_id: Uuid,
    name: String,
    created_at: i64,
    v_number: i64,
    v_document: String,
    v_rolled_back_to: Option<i64>,
    v_created_by: String,
    v_created_at: i64,
}

impl TryFrom<PolicyRow> for Policy {
    type Error = StorageError;

    fn try_from(row: PolicyRow) -> Result<Self, StorageError> {
        let id = PolicyId::from_uuid(row.id);
        let place = Place::new("policies", id);
        let version = PolicyVersionRow {
            number: row.v_number,
            document: row.v_document,
            rolled_back_to: row.v_rolled_back_to,
            created_by: row.v_created_by,
            created_at: row.v_created_at,
        };
        Ok(Self {
            id,
            account_id: AccountId::from_uuid(row.account_id),
            server_id: ServerId::from_uuid(row.server_id),
            name: place.value("name", Name::parse(&row.name))?,
            version: version.into_version(id)?,
            created_at: place.time("created_at", row.created_at)?,
        })
    }
}

/// The columns of a version.
struct PolicyVersionRow {
    number: i64,
    document: String,
    rolled_back_to: Option<i64>,
    created_by: String,
    created_at: i64,
}

impl PolicyVersionRow {
    fn into_version(self, id: PolicyId) -> Result<PolicyVersion, StorageError> {
        let place = Place::new("policy_versions", id);
        Ok(PolicyVersion {
            number: self.number,
            document: self.document,
            rolled_back_to: self.rolled_back_to,
            created_by: self.created_by,
            created_at: place.time("created_at", self.created_at)?,
        })
    }
}

/// The columns of a [`PolicyRow`], and what comes after them in the statement.
macro_rules! select_policies {
    ($rest:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            PolicyRow,
            r#"
            select
                p.account_id as "account_id: Uuid", p.id as "id: Uuid", p.server_id as "server_id: Uuid", p.name,
                p.created_at, v.number as v_number, v.document as v_document, v.rolled_back_to as v_rolled_back_to,
                v.created_by as v_created_by, v.created_at as v_created_at
            from policies p
            join policy_versions v on v.account_id = p.account_id and v.policy_id = p.id and v.number = p.version
            "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl ReadPolicies for SqliteStore {
    async fn get_policy(&self, account_id: AccountId, id: PolicyId) -> Result<Option<Policy>, StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        select_policies!("where p.account_id = ? and p.id = ?", account_id, id)
            .fetch_optional(&self.readers)
            .await
            .map_err(storage_error)?
            .map(Policy::try_from)
            .transpose()
    }

    async fn list_policies(
        &self,
        account_id: AccountId,
        server_id: Option<ServerId>,
        page: PageRequest<PolicyId>,
    ) -> Result<Page<Policy>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_ref().map(ServerId::as_uuid);
        let after = page.after.as_ref().map(PolicyId::as_uuid);
        let limit = one_more(page.limit);
        let rows = select_policies!(
            r#"
            where p.account_id = ?1 and (?2 is null or p.server_id = ?2) and (?3 is null or p.id < ?3)
            order by p.id desc
            limit ?4
            "#,
            account_id,
            server_id,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, Policy::try_from)
    }

    async fn list_policy_uses(&self, account_id: AccountId, ids: &[PolicyId]) -> Result<Vec<PolicyUse>, StorageError> {
        let account_id = account_id.as_uuid();
        let ids = to_json(&ids.iter().map(|id| id.as_uuid().simple().to_string()).collect::<Vec<_>>())?;
        let rows = sqlx::query!(
            r#"
            select p.id as "id: Uuid", s.slug, coalesce(b.grants, 0) as "bound_grants!: i64"
            from policies p
            join servers s on s.account_id = p.account_id and s.id = p.server_id
            left join (
                select policy_id, count(*) as grants from bindings
                where account_id = ?1 and policy_id in (select unhex(value) from json_each(?2)) and not is_revoked
                group by policy_id
            ) b on b.policy_id = p.id
            where p.account_id = ?1 and p.id in (select unhex(value) from json_each(?2))
            "#,
            account_id,
            ids
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        let uses = rows.into_iter().map(|row| {
            let id = PolicyId::from_uuid(row.id);
            let server_slug = Place::new("policies", id).value("slug", Slug::parse(&row.slug))?;
            Ok(PolicyUse { id, server_slug, bound_grants: row.bound_grants })
        });
        uses.collect()
    }

    async fn get_policy_version(
        &self,
        account_id: AccountId,
        id: PolicyId,
        number: i64,
    ) -> Result<Option<PolicyVersion>, StorageError> {
        let account_id = account_id.as_uuid();
        let policy_id = id.as_uuid();
        sqlx::query_as!(
            PolicyVersionRow,
            r#"
            select number, document, rolled_back_to, created_by, created_at
            from policy_versions
            where account_id = ? and policy_id = ? and number = ?
            "#,
            account_id,
            policy_id,
            number
        )
        .fetch_optional(&self.readers)
        .await
        .map_err(storage_error)?
        .map(|row| row.into_version(id))
        .transpose()
    }

    async fn list_policy_versions(
        &self,
        account_id: AccountId,
        id: PolicyId,
        page: PageRequest<i64>,
    ) -> Result<Page<PolicyVersion>, StorageError> {
        let account_id = account_id.as_uuid();
        let policy_id = id.as_uuid();
        let limit = one_more(page.limit);
        let rows = sqlx::query_as!(
            PolicyVersionRow,
            r#"
            select number, document, rolled_back_to, created_by, created_at
            from policy_versions
            where account_id = ?1 and policy_id = ?2 and (?3 is null or number < ?3)
            order by number desc
            limit ?4
            "#,
            account_id,
            policy_id,
            page.after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, |row| row.into_version(id))
    }
}
