use ostiary_model::{GrantId, PolicyId, ServerId};
use sqlx::{AssertSqlSafe, Row as _};

use super::*;

/// How SQLite would run the list, one line a step.
async fn plan(filter: &DecisionFilter, after: Option<DecisionId>) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(&directory.path().join("ostiary.db")).await.expect("a store");
    let page = PageRequest { limit: 50, after };
    let sql = format!("explain query plan {}", list_statement(AccountId::generate(), filter, &page).sql().as_str());
    let steps = sqlx::query(AssertSqlSafe(sql)).fetch_all(&store.readers).await.expect("a plan");
    steps.iter().map(|step| step.get::<String, _>("detail") + "\n").collect()
}

/// Each of these is a range of one index, read in order and no further than the page: as fast with a million rows as
/// with ten.
#[tokio::test]
async fn list_statement_walks_an_index_in_order() {
    let all = DecisionFilter::default;
    let cases = [
        (all(), "decisions_account_id_time_idx"),
        (
            DecisionFilter { since: Some(chrono::Utc::now()), until: Some(chrono::Utc::now()), ..all() },
            "decisions_account_id_time_idx",
        ),
        (DecisionFilter { grant_id: Some(GrantId::generate()), ..all() }, "decisions_account_id_grant_id_time_idx"),
        (DecisionFilter { server_id: Some(ServerId::generate()), ..all() }, "decisions_account_id_server_id_time_idx"),
        (DecisionFilter { policy_id: Some(PolicyId::generate()), ..all() }, "decisions_account_id_policy_id_time_idx"),
        (DecisionFilter { method: Some("tools/call".to_owned()), ..all() }, "decisions_account_id_time_idx"),
        (DecisionFilter { method: Some("prompts/get".to_owned()), ..all() }, "decisions_account_id_method_time_idx"),
        (DecisionFilter { target: Some("pay".to_owned()), ..all() }, "decisions_account_id_target_time_idx"),
        (
            DecisionFilter { target: Some("pay".to_owned()), outcome: Some(Outcome::Denied), ..all() },
            "decisions_account_id_outcome_target_time_idx",
        ),
        (DecisionFilter { code: Some("rule_denied".to_owned()), ..all() }, "decisions_account_id_code_time_idx"),
        (DecisionFilter { outcome: Some(Outcome::Denied), ..all() }, "decisions_account_id_outcome_time_idx"),
        (DecisionFilter { outcome: Some(Outcome::Allowed), ..all() }, "decisions_account_id_time_idx"),
    ];
    for (filter, index) in cases {
        for after in [None, Some(DecisionId::generate())] {
            let plan = plan(&filter, after).await;
            assert!(plan.contains(&format!("USING INDEX {index} (account_id=?")), "{filter:?}\n{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}\n{plan}");
        }
    }
}
