//! Decisions, as people read them; how calls write them is in [`log`](crate::log).

mod row;

use async_trait::async_trait;
use ostiary_model::decision::{Decision, Outcome};
use ostiary_model::{AccountId, DecisionId};
use ostiary_storage::{DecisionFilter, Page, PageRequest, ReadDecisions, StorageError};
use sqlx::{Postgres, QueryBuilder};

use self::row::DecisionRow;
use crate::error::storage_error;
use crate::row::{ceil_millis, one_more, to_page};
use crate::store::PgStore;
use crate::text::clean;
use crate::within::Within as _;

#[async_trait]
impl ReadDecisions for PgStore {
    async fn get_decision(&self, account_id: AccountId, id: DecisionId) -> Result<Option<Decision>, StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        sqlx::query_as!(
            DecisionRow,
            r#"
            select
                account_id, id, time, server_id, server_slug,
                grant_id, grant_label, session, client_name, client_version, protocol_version,
                method, target, category, policy_id, policy_version, mode, outcome, code, rule,
                message, argument_names, argument_hash, trace_id, bytes_in, gateway_us, ending_result,
                ending_upstream_status, ending_bytes_out, ending_upstream_ms
            from decisions
            where account_id = $1 and id = $2
            "#,
            account_id,
            id
        )
        .fetch_optional(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .map(Decision::try_from)
        .transpose()
    }

    async fn list_decisions(
        &self,
        account_id: AccountId,
        filter: &DecisionFilter,
        page: PageRequest<DecisionId>,
    ) -> Result<Page<Decision>, StorageError> {
        let mut tx = self.pool.begin_with(BEGIN_LIST).within(self.patience).await.map_err(storage_error)?;
        let rows = list_statement(account_id, filter, &page)
            .build_query_as::<DecisionRow>()
            .fetch_all(&mut *tx)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        to_page(rows, page.limit, Decision::try_from)
    }
}

/// The list has the plan that any values would have, and that its tests know. Of values at hand PostgreSQL guesses how
/// seldom they meet, and reads all calls of a tool for a grant that never called it.
const BEGIN_LIST: &str = "begin read only; set local plan_cache_mode = force_generic_plan";

/// Characters of a target that are in its index.
const INDEXED: usize = 200;

/// The statement of the list: built, because each filter has an index of its own, and `$1 is null or` would hide it.
fn list_statement(
    account_id: AccountId,
    filter: &DecisionFilter,
    page: &PageRequest<DecisionId>,
) -> QueryBuilder<Postgres> {
    let account_id = *account_id.as_uuid();
    let mut sql = QueryBuilder::new("select * from decisions where account_id = ");
    sql.push_bind(account_id);
    if let Some(id) = filter.server_id {
        sql.push(" and server_id = ").push_bind(*id.as_uuid());
    }
    if let Some(id) = filter.grant_id {
        sql.push(" and grant_id = ").push_bind(*id.as_uuid());
    }
    if let Some(id) = filter.policy_id {
        sql.push(" and policy_id = ").push_bind(*id.as_uuid());
    }
    if let Some(target) = &filter.target {
        let target = clean(target).into_owned();
        let beginning: String = target.chars().take(INDEXED).collect();
        let is_whole = beginning.chars().count() < INDEXED;
        sql.push(" and left(target, 200) = ").push_bind(beginning);
        // What is shorter is its own beginning. Said twice, it would be taken for twice as rare as it is, and its index
        // for the best even beside a grant's.
        if !is_whole {
            sql.push(" and target = ").push_bind(target);
        }
    }
    if let Some(method) = &filter.method {
        sql.push(" and method = ").push_bind(clean(method).into_owned());
        if method != "tools/call" {
            // Says what the partial index says, so that it may be used.
            sql.push(" and method <> 'tools/call'");
        }
    }
    if let Some(outcome) = filter.outcome {
        sql.push(" and outcome = ").push_bind(outcome.as_str());
        if outcome != Outcome::Allowed {
            // Says what the partial index says, so that it may be used.
            sql.push(" and outcome <> 'allowed'");
        }
    }
    if let Some(code) = &filter.code {
        sql.push(" and code = ").push_bind(clean(code).into_owned());
    }
    if let Some(since) = filter.since {
        // A moment within a millisecond: what was kept is truncated, and must not be older than it.
        sql.push(" and time >= ").push_bind(ceil_millis(since));
    }
    if let Some(until) = filter.until {
        sql.push(" and time < ").push_bind(ceil_millis(until));
    }
    if let Some(after) = page.after {
        sql.push(" and (time, id) < (select time, id from decisions where account_id = ")
            .push_bind(account_id)
            .push(" and id = ")
            .push_bind(*after.as_uuid())
            .push(")");
    }
    sql.push(" order by time desc, id desc limit ").push_bind(one_more(page.limit));
    sql
}

#[cfg(test)]
mod tests;
