//! The days of accounts beside the log.

use ostiary_storage::usage::UsageDeltas;
use sqlx::PgConnection;
use uuid::Uuid;

/// Adds what a batch is to the days of its accounts.
pub(super) async fn add(connection: &mut PgConnection, usage: &UsageDeltas) -> Result<(), sqlx::Error> {
    let accounts: Vec<Uuid> = usage.rows().map(|((account_id, _, _), _)| *account_id).collect();
    let days: Vec<i64> = usage.rows().map(|((_, day, _), _)| *day).collect();
    let outcomes: Vec<&str> = usage.rows().map(|((_, _, outcome), _)| outcome.as_str()).collect();
    let calls: Vec<i64> = usage.rows().map(|(_, delta)| delta.calls).collect();
    let unsent: Vec<i64> = usage.rows().map(|(_, delta)| delta.unsent).collect();
    let bytes_in: Vec<i64> = usage.rows().map(|(_, delta)| delta.bytes_in).collect();
    let bytes_out: Vec<i64> = usage.rows().map(|(_, delta)| delta.bytes_out).collect();
    sqlx::query!(
        // In the order of the rows: two batches never wait for each other in a circle.
        r#"
        insert into usage_days as u (account_id, day, outcome, calls, unsent, bytes_in, bytes_out)
        select account_id, day, outcome, calls, unsent, bytes_in, bytes_out
        from unnest(
            $1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]
        ) as added (account_id, day, outcome, calls, unsent, bytes_in, bytes_out)
        on conflict (account_id, day, outcome) do update set
            calls = u.calls + excluded.calls, unsent = u.unsent + excluded.unsent,
            bytes_in = u.bytes_in + excluded.bytes_in, bytes_out = u.bytes_out + excluded.bytes_out
        "#,
        &accounts,
        &days,
        &outcomes as _,
        &calls,
        &unsent,
        &bytes_in,
        &bytes_out
    )
    .execute(connection)
    .await
    .map(drop)
}
