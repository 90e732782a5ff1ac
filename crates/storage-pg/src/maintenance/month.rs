//! Months, by the time in an id.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use uuid::Uuid;

/// A month of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month {
    year: i32,
    /// From 1.
    month: u32,
}

impl Month {
    /// The month of a time.
    pub(super) fn of(time: DateTime<Utc>) -> Self {
        Self { year: time.year(), month: time.month() }
    }

    /// The month whose records stand in the table; none for the other tables of the log.
    pub(super) fn of_table(name: &str) -> Option<Self> {
        let (year, month) = name.strip_prefix("decisions_y")?.split_once('m')?;
        let month = Self { year: year.parse().ok()?, month: month.parse().ok()? };
        (month.table() == name && NaiveDate::from_ymd_opt(month.year, month.month, 1).is_some()).then_some(month)
    }

    /// The name of its table.
    pub(super) fn table(self) -> String {
        format!("decisions_y{:04}m{:02}", self.year, self.month)
    }

    /// The month behind it.
    pub(super) const fn next(self) -> Self {
        if self.month == 12 {
            Self { year: self.year + 1, month: 1 }
        } else {
            Self { year: self.year, month: self.month + 1 }
        }
    }

    /// Its first moment.
    pub(super) fn start(self) -> DateTime<Utc> {
        // The months of the calendar's end have no first day, and no records either.
        NaiveDate::from_ymd_opt(self.year, self.month, 1)
            .map_or(DateTime::<Utc>::MAX_UTC, |day| day.and_time(chrono::NaiveTime::MIN).and_utc())
    }
}

/// The smallest id that is made at a time: a UUIDv7 begins with 48 bits of milliseconds since the Unix epoch.
pub(super) fn id_at(time: DateTime<Utc>) -> Uuid {
    let ms = u128::try_from(time.timestamp_millis()).unwrap_or(0).min((1 << 48) - 1);
    Uuid::from_u128(ms << 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn month_of_a_table_is_the_one_that_named_it() {
        let month = Month::of(time("2026-11-30T23:59:59.999Z"));
        assert_eq!(month.table(), "decisions_y2026m11");
        assert_eq!(Month::of_table("decisions_y2026m11"), Some(month));
        for name in ["decisions_default", "decisions_y2026m13", "decisions_y2026m1", "decisions_y+026m11", "decisions"]
        {
            assert_eq!(Month::of_table(name), None, "{name}");
        }
    }

    #[test]
    fn month_ends_where_the_next_begins() {
        let month = Month::of(time("2026-12-05T00:00:00Z"));
        assert_eq!(month.start(), time("2026-12-01T00:00:00Z"));
        assert_eq!(month.next().start(), time("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn id_made_within_a_month_lies_between_its_bounds() {
        let id = *ostiary_model::DecisionId::generate().as_uuid();
        let (seconds, nanos) = id.get_timestamp().expect("a time").to_unix();
        let made = DateTime::from_timestamp(seconds.try_into().expect("seconds"), nanos).expect("a time");
        let month = Month::of(made);
        assert!(id_at(month.start()) <= id && id < id_at(month.next().start()));
        assert_eq!(id_at(time("1970-01-01T00:00:00Z")), Uuid::nil());
    }
}
