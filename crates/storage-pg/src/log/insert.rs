//! Records of calls, written exactly once by their ids.

use std::time::Duration;

use ostiary_model::PolicyId;
use ostiary_model::decision::{Decision, Ending};
use ostiary_model::tool::Category;
use ostiary_storage::StorageError;
use ostiary_storage::usage::{UsageDelta, UsageDeltas};
use sqlx::PgConnection;

use crate::error::storage_error;
use crate::log::Endings;
use crate::row::to_json;
use crate::text::{clean, clean_option};
use crate::within::Within as _;

/// Adds the records that are not there yet, and to `usage` what they are to it.
///
/// An ending that came with its record is written with it, which costs half of writing it later; those that are not
/// written so are left in `endings`.
pub(super) async fn decisions(
    connection: &mut PgConnection,
    decisions: &[Decision],
    endings: &mut Endings<'_>,
    usage: &mut UsageDeltas,
    patience: Duration,
) -> Result<(), StorageError> {
    let rows = Rows::new(decisions, endings);
    let argument_names =
        rows.0.iter().map(|(decision, _)| to_json(&decision.argument_names)).collect::<Result<Vec<_>, _>>()?;
    let added = sqlx::query!(
        r#"
        with added as (
            insert into decisions (
                account_id, id, time, server_id, server_slug, grant_id, grant_label, session, client_name, client_version,
                protocol_version, method, target, category, policy_id, policy_version, mode, outcome, code, rule, message,
                argument_names, argument_hash, trace_id, bytes_in, gateway_us, ending_result, ending_upstream_status,
                ending_bytes_out, ending_upstream_ms
            )
            select *
            from unnest(
                $1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[], $16::bigint[],
                $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[],
                $25::bigint[], $26::bigint[], $27::text[], $28::integer[], $29::bigint[], $30::bigint[]
            )
            on conflict (account_id, id) do nothing
            returning account_id, time, outcome, bytes_in, ending_result, ending_bytes_out
        )
        select
            account_id, time / 86400000 as "day!", outcome, count(*) as "calls!",
            count(*) filter (where ending_result = 'unreachable') as "unsent!",
            coalesce(sum(bytes_in), 0)::bigint as "bytes_in!", coalesce(sum(ending_bytes_out), 0)::bigint as "bytes_out!"
        from added
        group by 1, 2, 3
        "#,
        &rows.column(|decision| *decision.account_id.as_uuid()),
        &rows.column(|decision| *decision.id.as_uuid()),
        &rows.column(|decision| decision.time.timestamp_millis()),
        &rows.column(|decision| *decision.server_id.as_uuid()),
        &rows.column(|decision| clean(&decision.server_slug)) as _,
        &rows.column(|decision| *decision.grant_id.as_uuid()),
        &rows.column(|decision| clean(&decision.grant_label)) as _,
        &rows.column(|decision| clean_option(decision.session.as_deref())) as _,
        &rows.column(|decision| clean_option(decision.client_name.as_deref())) as _,
        &rows.column(|decision| clean_option(decision.client_version.as_deref())) as _,
        &rows.column(|decision| clean_option(decision.protocol_version.as_deref())) as _,
        &rows.column(|decision| clean(&decision.method)) as _,
        &rows.column(|decision| clean_option(decision.target.as_deref())) as _,
        &rows.column(|decision| decision.category.map(Category::as_str)) as _,
        &rows.column(|decision| decision.policy_id.as_ref().map(PolicyId::as_uuid).copied()) as _,
        &rows.column(|decision| decision.policy_version) as _,
        &rows.column(|decision| decision.mode.as_str()) as _,
        &rows.column(|decision| decision.outcome.as_str()) as _,
        &rows.column(|decision| clean_option(decision.code.as_deref())) as _,
        &rows.column(|decision| clean_option(decision.rule.as_deref())) as _,
        &rows.column(|decision| clean_option(decision.message.as_deref())) as _,
        &argument_names,
        &rows.column(|decision| clean_option(decision.argument_hash.as_deref())) as _,
        &rows.column(|decision| clean_option(decision.trace_id.as_deref())) as _,
        &rows.column(|decision| decision.bytes_in),
        &rows.column(|decision| decision.gateway_us),
        &rows.ending(|ending| ending.result.as_str()) as _,
        &rows.status() as _,
        &rows.ending(|ending| ending.bytes_out) as _,
        &rows.ending(|ending| ending.upstream_ms) as _
    )
    .fetch_all(connection)
    .within(patience)
    .await
    .map_err(storage_error)?;
    let mut new = 0;
    for row in added {
        new += row.calls;
        let delta =
            UsageDelta { calls: row.calls, unsent: row.unsent, bytes_in: row.bytes_in, bytes_out: row.bytes_out };
        usage.add_to_day(row.account_id, row.day, &row.outcome, delta);
    }
    // Where a record was there already, all endings are looked at again: one that stands is left as it is.
    if usize::try_from(new) == Ok(decisions.len()) {
        for decision in decisions {
            endings.remove(&(*decision.id.as_uuid(), *decision.account_id.as_uuid()));
        }
    }
    Ok(())
}

/// Records and how their calls ended, read column by column.
struct Rows<'a>(Vec<(&'a Decision, Option<&'a Ending>)>);

impl<'a> Rows<'a> {
    /// In the order of their ids: two batches with the same records then never wait for each other in a circle.
    fn new(decisions: &'a [Decision], endings: &Endings<'a>) -> Self {
        let mut rows: Vec<_> = decisions
            .iter()
            .map(|decision| {
                let later = endings.get(&(*decision.id.as_uuid(), *decision.account_id.as_uuid())).copied();
                (decision, decision.ending.as_ref().or(later))
            })
            .collect();
        rows.sort_by_key(|(decision, _)| decision.id);
        Self(rows)
    }

    fn column<T>(&self, mut value: impl FnMut(&'a Decision) -> T) -> Vec<T> {
        self.0.iter().map(|(decision, _)| value(decision)).collect()
    }

    /// A column that is there once it is known how the call ended.
    fn ending<T>(&self, mut value: impl FnMut(&'a Ending) -> T) -> Vec<Option<T>> {
        self.0.iter().map(|(_, ending)| ending.map(&mut value)).collect()
    }

    /// What the upstream said, where it is known that it said something.
    fn status(&self) -> Vec<Option<i32>> {
        self.0.iter().map(|(_, ending)| (*ending)?.upstream_status.map(i32::from)).collect()
    }
}
