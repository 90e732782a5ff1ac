//! Months of the log.

use chrono::{DateTime, TimeDelta, Utc};
use ostiary_model::DecisionId;
use ostiary_model::decision::Decision;
use ostiary_storage::contract::fixture::{Tenant, first, record};
use ostiary_storage::{DecisionFilter, ReadDecisions as _};
use ostiary_storage_pg::{Maintained, PgSettings};
use sqlx::PgPool;

use crate::{backend, open, raw};

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// A record whose id was made at its time.
fn decision(tenant: &Tenant, text: &str) -> Decision {
    let at = time(text);
    let random = DecisionId::generate().as_uuid().as_u128() & ((1 << 80) - 1);
    let ms = u128::try_from(at.timestamp_millis()).expect("a time after 1970");
    let id = DecisionId::from_uuid(uuid::Uuid::from_u128(ms << 80 | random));
    Decision { id, ..tenant.decision(at) }
}

async fn tables(database: &PgPool) -> Vec<String> {
    let sql = "select inhrelid::regclass::text from pg_inherits where inhparent = 'decisions'::regclass order by 1";
    sqlx::query_scalar(sql).fetch_all(database).await.expect("tables")
}

async fn count(database: &PgPool, table: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(sql).fetch_one(database).await.expect("a count")
}

#[tokio::test]
async fn months_are_added_ahead_once() {
    let Some((store, database)) = open(&PgSettings::default()).await else { return };
    let now = time("2026-11-21T12:00:00Z");
    let added = |added| Maintained { added, ..Maintained::default() };
    assert_eq!(store.maintain(now).await.expect("maintain"), added(3));
    assert_eq!(store.maintain(now).await.expect("maintain"), added(0));
    let expected =
        ["decisions_default", "decisions_y2026m11", "decisions_y2026m12", "decisions_y2027m01"].map(str::to_owned);
    assert_eq!(tables(&raw(&database).await).await, expected);
    assert_eq!(store.maintain(time("2026-12-01T00:00:00Z")).await.expect("maintain"), added(1));
}

/// Too early, too late or in a month that nobody added: it is kept, found, and moves to its month when there is one.
#[tokio::test]
async fn decision_of_no_month_is_kept_and_moves_to_its_month() {
    let Some((store, database)) = open(&PgSettings::default()).await else { return };
    let backend = backend(&store);
    let one = Tenant::create(&backend, "one").await;
    store.maintain(time("2026-11-21T12:00:00Z")).await.expect("maintain");
    let decisions =
        ["2027-05-02T00:00:00Z", "2027-04-30T23:59:59.999Z", "2026-11-05T00:00:00Z", "2020-01-01T00:00:00Z"]
            .map(|text| decision(&one, text));
    record(&backend, decisions.to_vec()).await;
    record(&backend, decisions.to_vec()).await;
    let database = raw(&database).await;
    assert_eq!((count(&database, "decisions_default").await, count(&database, "decisions_y2026m11").await), (3, 1));

    assert_eq!(store.maintain(time("2027-04-09T00:00:00Z")).await.expect("maintain").added, 3);
    record(&backend, decisions.to_vec()).await;
    assert_eq!((count(&database, "decisions_default").await, count(&database, "decisions_y2027m04").await), (1, 1));
    assert_eq!(count(&database, "decisions_y2027m05").await, 1);
    for decision in &decisions {
        assert_eq!(store.get_decision(one.id(), decision.id).await.expect("get").as_ref(), Some(decision));
    }
    let page = store.list_decisions(one.id(), &DecisionFilter::default(), first(9)).await.expect("list");
    assert_eq!(page.items, decisions);
}

#[tokio::test]
async fn months_past_their_retention_are_dropped_whole() {
    let settings = PgSettings { decision_retention: Some(TimeDelta::days(30)), ..PgSettings::default() };
    let Some((store, database)) = open(&settings).await else { return };
    let backend = backend(&store);
    let one = Tenant::create(&backend, "one").await;
    store.maintain(time("2026-09-01T00:00:00Z")).await.expect("maintain");
    let [kept, gone, old] =
        ["2026-10-31T23:00:00Z", "2026-09-30T23:00:00Z", "2020-01-01T00:00:00Z"].map(|text| decision(&one, text));
    record(&backend, vec![kept.clone(), gone, old]).await;
    // September is over for 30 days at the end of October's 30th day, and not a moment before.
    let done = store.maintain(time("2026-10-30T23:59:59.999Z")).await.expect("maintain");
    assert_eq!((done.dropped, done.removed), (0, 1));
    let done = store.maintain(time("2026-10-31T00:00:00Z")).await.expect("maintain");
    assert_eq!((done.dropped, done.removed), (1, 0));
    assert!(!tables(&raw(&database).await).await.contains(&"decisions_y2026m09".to_owned()));
    let page = store.list_decisions(one.id(), &DecisionFilter::default(), first(9)).await.expect("list");
    assert_eq!(page.items, [kept]);
}

/// However many processes maintain, and while calls are recorded.
#[tokio::test]
async fn months_are_maintained_by_many_at_once() {
    let Some((store, database)) = open(&PgSettings::default()).await else { return };
    let backend = backend(&store);
    let one = Tenant::create(&backend, "one").await;
    let now = Utc::now();
    let maintain = async || store.maintain(now).await.expect("maintain").added;
    let write = async || {
        for _ in 0..50 {
            record(&backend, vec![one.decision(now)]).await;
        }
    };
    let (a, b, c, ()) = tokio::join!(maintain(), maintain(), maintain(), write());
    assert!(a + b + c <= 3);
    store.maintain(now).await.expect("maintain");
    let database = raw(&database).await;
    assert_eq!((tables(&database).await.len(), count(&database, "decisions").await), (4, 50));
}
