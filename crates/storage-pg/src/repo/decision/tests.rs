use ostiary_model::{GrantId, PolicyId, ServerId};
use ostiary_testkit::TestPostgres;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

use super::*;
use crate::PgSettings;

/// How PostgreSQL would run the list if there were so many rows that sorting them cost too much.
async fn plan(store: &PgStore, filter: &DecisionFilter, after: Option<DecisionId>) -> String {
    let mut tx = store.pool.begin().await.expect("begin");
    for method in ["seqscan", "bitmapscan", "sort", "incremental_sort"] {
        tx.execute(AssertSqlSafe(format!("set local enable_{method} = off"))).await.expect("a setting");
    }
    let page = PageRequest { limit: 50, after };
    let statement = list_statement(AccountId::generate(), filter, &page);
    // A plan for any values: what a prepared statement may come to in time.
    let sql = statement.sql();
    let values = vec!["null"; sql.as_str().matches('$').count()].join(", ");
    let prepare = format!("set local plan_cache_mode = force_generic_plan; prepare list as {}", sql.as_str());
    tx.execute(sqlx::raw_sql(AssertSqlSafe(prepare))).await.expect("a statement");
    let explain = AssertSqlSafe(format!("explain execute list({values})"));
    let steps: Vec<String> =
        sqlx::raw_sql(explain).fetch_all(&mut *tx).await.expect("a plan").iter().map(|step| step.get(0)).collect();
    tx.execute("deallocate list").await.expect("no statement");
    steps.join("\n")
}

/// Each of these is a range of one index of each month, read in order and no further than the page: as fast with a
/// million rows as with ten.
#[tokio::test]
async fn list_statement_walks_an_index_in_order() {
    let Some(database) = TestPostgres::create().await else { return };
    let store = PgStore::connect(database.url(), &PgSettings::default()).await.expect("a store");
    store.maintain(chrono::Utc::now()).await.expect("months");
    let all = DecisionFilter::default;
    let pay = || Some("pay".to_owned());
    let now = Some(chrono::Utc::now());
    let cases = [
        (all(), "account_id_time"),
        (DecisionFilter { since: now, until: now, ..all() }, "account_id_time"),
        (DecisionFilter { grant_id: Some(GrantId::generate()), ..all() }, "account_id_grant_id_time"),
        (DecisionFilter { server_id: Some(ServerId::generate()), ..all() }, "account_id_server_id_time"),
        (DecisionFilter { policy_id: Some(PolicyId::generate()), ..all() }, "account_id_policy_id_time"),
        (DecisionFilter { method: Some("tools/call".to_owned()), ..all() }, "account_id_time"),
        (DecisionFilter { method: Some("prompts/get".to_owned()), ..all() }, "account_id_method_time"),
        (DecisionFilter { target: pay(), ..all() }, "account_id_left_time"),
        (DecisionFilter { target: Some("p".repeat(INDEXED)), ..all() }, "account_id_left_time"),
        (DecisionFilter { target: pay(), outcome: Some(Outcome::Denied), ..all() }, "account_id_outcome_left_time"),
        (DecisionFilter { code: Some("rule_denied".to_owned()), ..all() }, "account_id_code_time"),
        (DecisionFilter { outcome: Some(Outcome::Denied), ..all() }, "account_id_outcome_time"),
        (DecisionFilter { outcome: Some(Outcome::Allowed), ..all() }, "account_id_time"),
    ];
    for (filter, index) in cases {
        for after in [None, Some(DecisionId::generate())] {
            let plan = plan(&store, &filter, after).await;
            assert!(plan.contains("Merge Append"), "{filter:?}\n{plan}");
            assert!(plan.contains(&format!("_{index}_id_idx on")), "{filter:?}\n{plan}");
            assert!(!plan.contains("Sort  ("), "{filter:?}\n{plan}");
        }
    }
}
