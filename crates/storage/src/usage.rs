//! What a batch of the log adds to the days of its accounts.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta};
use uuid::Uuid;

/// Milliseconds of a day of UTC.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// One row of `usage_days`: account, days since the Unix epoch, outcome.
pub type UsageKey = (Uuid, i64, String);

/// What is added to a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageDelta {
    /// Calls.
    pub calls: i64,
    /// Calls that surely did not reach their server.
    pub unsent: i64,
    /// Bytes of messages.
    pub bytes_in: i64,
    /// Bytes of answers.
    pub bytes_out: i64,
}

/// What one batch adds, in the order in which every batch changes rows, so that two never wait for each other.
#[derive(Clone, Debug, Default)]
pub struct UsageDeltas(BTreeMap<UsageKey, UsageDelta>);

impl UsageDeltas {
    /// Adds to the day of a time in milliseconds since the Unix epoch.
    pub fn add(&mut self, account_id: Uuid, time_ms: i64, outcome: &str, delta: UsageDelta) {
        self.add_to_day(account_id, time_ms.div_euclid(DAY_MS), outcome, delta);
    }

    /// Adds to a day.
    pub fn add_to_day(&mut self, account_id: Uuid, day: i64, outcome: &str, delta: UsageDelta) {
        let sum = self.0.entry((account_id, day, outcome.to_owned())).or_default();
        sum.calls = sum.calls.saturating_add(delta.calls);
        sum.unsent = sum.unsent.saturating_add(delta.unsent);
        sum.bytes_in = sum.bytes_in.saturating_add(delta.bytes_in);
        sum.bytes_out = sum.bytes_out.saturating_add(delta.bytes_out);
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&UsageKey, &UsageDelta)> {
        self.0.iter()
    }
}

/// The number of a day, as rows have it.
#[must_use]
pub fn day_number(day: NaiveDate) -> i64 {
    day.signed_duration_since(DateTime::UNIX_EPOCH.date_naive()).num_days()
}

/// The day of a number; none outside of the calendar.
#[must_use]
pub fn day_of_number(number: i64) -> Option<NaiveDate> {
    DateTime::UNIX_EPOCH.date_naive().checked_add_signed(TimeDelta::try_days(number)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_of_its_number_is_the_same() {
        let day = NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day");
        assert_eq!(day_of_number(day_number(day)), Some(day));
        assert_eq!(day_number(NaiveDate::from_ymd_opt(1970, 1, 2).expect("a day")), 1);
        assert_eq!(day_of_number(i64::MAX), None);
    }

    #[test]
    fn times_of_one_day_are_added_up() {
        let (account, mut deltas) = (Uuid::nil(), UsageDeltas::default());
        let one = UsageDelta { calls: 1, bytes_in: 2, ..UsageDelta::default() };
        for time_ms in [0, DAY_MS - 1, DAY_MS] {
            deltas.add(account, time_ms, "allowed", one);
        }
        let rows: Vec<_> = deltas.rows().map(|((_, day, _), delta)| (*day, delta.calls, delta.bytes_in)).collect();
        assert_eq!(rows, [(0, 2, 4), (1, 1, 2)]);
    }
}
