//! What an account has, did this month, and may.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, Utc};
use ostiary_model::{Account, AccountId, Holdings, PlanLimits, UsageDay};

use crate::dto::usage::{DayUsage, PlanOffer, Usage, UsageLimit, UsageLimits, UsageSums};
use crate::error::ApiError;
use crate::state::ApiState;

/// The usage of an account.
///
/// # Errors
///
/// Those of the database.
pub async fn usage(state: &ApiState, account: &Account) -> Result<Usage, ApiError> {
    let now = state.clock.now();
    let (first, next) = month_of(now);
    let last = next.checked_sub_days(Days::new(1)).unwrap_or(first);
    let rows = state.store.list_usage(account.id, first, last).await?;
    let holdings = state.store.count_holdings(account.id, now).await?;
    let plans = &state.settings.plans;
    let plan = plans.of(&account.plan);
    let offers = plans.iter().filter(|plan| plan.is_self_service);
    let mut month = UsageSums::default();
    rows.iter().for_each(|row| month.add(row));
    let unsent: i64 = rows.iter().map(|row| row.unsent).sum();
    let calls = Calls {
        this_month: u64::try_from(month.forwarded().saturating_sub(unsent)).unwrap_or(0),
        in_flight: in_flight(state, account.id, &plan.limits).await,
    };
    Ok(Usage {
        plan: plan.name.clone(),
        offers: offers.map(|plan| PlanOffer::new(plan.name.clone(), &plan.limits)).collect(),
        limits: limits(&plan.limits, &holdings, &calls, state.settings.retention_days),
        month_starts_at: midnight(first),
        month_ends_at: midnight(next),
        month,
        days: days(&rows),
    })
}

/// What plans count of the calls of an account.
#[derive(Debug, Default)]
struct Calls {
    this_month: u64,
    in_flight: Option<u64>,
}

/// How many calls are in flight, where the plan has them counted.
async fn in_flight(state: &ApiState, account_id: AccountId, limits: &PlanLimits) -> Option<u64> {
    limits.calls_at_once?;
    state.in_flight.as_ref()?.calls_in_flight(account_id).await
}

fn limits(limits: &PlanLimits, holdings: &Holdings, calls: &Calls, installation_days: Option<u32>) -> UsageLimits {
    let limit = |used, max: Option<u64>| UsageLimit { used, max };
    let retention_days = [limits.retention_days, installation_days].into_iter().flatten().min();
    UsageLimits {
        servers: limit(Some(holdings.servers), limits.servers.map(u64::from)),
        grants: limit(Some(holdings.grants), limits.grants.map(u64::from)),
        members: limit(Some(holdings.members + holdings.invitations), limits.members.map(u64::from)),
        calls_a_month: limit(Some(calls.this_month), limits.calls_a_month),
        calls_at_once: limit(calls.in_flight, limits.calls_at_once.map(u64::from)),
        retention_days: limit(None, retention_days.map(u64::from)),
    }
}

/// Rows of one day together; they come by day.
fn days(rows: &[UsageDay]) -> Vec<DayUsage> {
    let of_day = |rows: &[UsageDay]| {
        let mut sums = UsageSums::default();
        rows.iter().for_each(|row| sums.add(row));
        rows.first().map(|row| DayUsage { date: row.day, sums })
    };
    rows.chunk_by(|one, other| one.day == other.day).filter_map(of_day).collect()
}

/// The first day of the month of a time, and the one of the next.
fn month_of(now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let today = now.date_naive();
    let first = today.with_day(1).unwrap_or(today);
    // The calendar's last month has no next one, and no calls.
    (first, first.checked_add_months(Months::new(1)).unwrap_or(first))
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn month_of_its_last_moment_ends_with_it() {
        let now = "2026-12-31T23:59:59.999Z".parse().expect("a time");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(month_of(now), (day("2026-12-01"), day("2027-01-01")));
    }

    #[test]
    fn retention_is_the_shorter_of_two() {
        let plan = |retention_days| PlanLimits { retention_days, ..PlanLimits::default() };
        let days = |plan: PlanLimits, installation| {
            limits(&plan, &Holdings::default(), &Calls::default(), installation).retention_days.max
        };
        assert_eq!(days(plan(Some(30)), None), Some(30));
        assert_eq!(days(plan(Some(30)), Some(7)), Some(7));
        assert_eq!(days(plan(None), Some(7)), Some(7));
        assert_eq!(days(plan(None), None), None);
    }
}
