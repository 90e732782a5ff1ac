//! Windows of limits, and where calendar windows begin and end.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// What a counter counts in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Window {
    /// Any interval of this length.
    Sliding {
        /// Length in milliseconds.
        ms: u64,
    },
    /// From one boundary of the calendar to the next.
    Calendar {
        /// Which boundaries.
        unit: CalendarUnit,
        /// Whose calendar.
        zone: Tz,
    },
    /// Calls in flight.
    Concurrent,
}

impl Window {
    /// A text that is equal for equal windows only: the window's part of a counter's identity.
    pub fn identity(&self) -> String {
        match self {
            Window::Sliding { ms } => format!("s{ms}"),
            Window::Calendar { unit, zone } => format!("c{}:{}", unit.as_str(), zone.name()),
            Window::Concurrent => String::from("inflight"),
        }
    }
}

/// The named windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CalendarUnit {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// One hour of local time.
    Hour,
    /// One local date.
    Day,
    /// One local month.
    Month,
}

/// The calendar window that holds an instant: from `start_ms` up to, and without, `end_ms`, since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// First millisecond.
    pub start_ms: i64,
    /// First millisecond of the next window.
    pub end_ms: i64,
}

impl CalendarUnit {
    /// The unit as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            CalendarUnit::Second => "second",
            CalendarUnit::Minute => "minute",
            CalendarUnit::Hour => "hour",
            CalendarUnit::Day => "day",
            CalendarUnit::Month => "month",
        }
    }

    /// Reads a unit.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Month].into_iter().find(|unit| unit.as_str() == text)
    }

    /// The unit's fixed length in seconds; `None` for a month.
    pub const fn seconds(self) -> Option<u64> {
        match self {
            CalendarUnit::Second => Some(1),
            CalendarUnit::Minute => Some(60),
            CalendarUnit::Hour => Some(3600),
            CalendarUnit::Day => Some(86_400),
            CalendarUnit::Month => None,
        }
    }

    /// The window that holds an instant. An hour that a clock change repeats is two windows, one after the other.
    pub fn bounds(self, zone: Tz, now: DateTime<Utc>) -> Bounds {
        let now_ms = now.timestamp_millis();
        let local = now.with_timezone(&zone);
        match self {
            CalendarUnit::Second | CalendarUnit::Minute | CalendarUnit::Hour => {
                let length_ms = i64::try_from(self.seconds().unwrap_or(1)).unwrap_or(1).saturating_mul(1000);
                let offset_ms = i64::from(local.offset().fix().local_minus_utc()).saturating_mul(1000);
                let into = now_ms.saturating_add(offset_ms).checked_rem_euclid(length_ms).unwrap_or(0);
                let start_ms = now_ms.saturating_sub(into);
                Bounds { start_ms, end_ms: start_ms.saturating_add(length_ms) }
            }
            CalendarUnit::Day => {
                let date = local.date_naive();
                let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
                Bounds { start_ms: start_of(date, zone), end_ms: start_of(next, zone) }
            }
            CalendarUnit::Month => {
                let first = local.date_naive().with_day(1).unwrap_or_default();
                let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
                Bounds { start_ms: start_of(first, zone), end_ms: start_of(next, zone) }
            }
        }
    }
}

/// The first instant of a local date, in milliseconds since the Unix epoch.
fn start_of(date: NaiveDate, zone: Tz) -> i64 {
    let midnight = date.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&midnight).earliest() {
        Some(start) => start.timestamp_millis(),
        None => end_of_gap(midnight, zone),
    }
}

/// Clocks that jump over midnight: the first instant at which they show a later time.
fn end_of_gap(midnight: NaiveDateTime, zone: Tz) -> i64 {
    const DAY_MS: i64 = 86_400_000;
    let shown_as_utc = midnight.and_utc().timestamp_millis();
    let (mut before, mut after) = (shown_as_utc.saturating_sub(DAY_MS), shown_as_utc.saturating_add(DAY_MS));
    while after.saturating_sub(before) > 1 {
        let middle = before.midpoint(after);
        let shows = DateTime::from_timestamp_millis(middle).map(|instant| instant.with_timezone(&zone).naive_local());
        if shows.is_some_and(|local| local >= midnight) {
            after = middle;
        } else {
            before = middle;
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[rstest]
    #[case(CalendarUnit::Day, "Europe/Berlin", "2026-07-01T21:59:59Z", "2026-06-30T22:00:00Z", "2026-07-01T22:00:00Z")]
    #[case(CalendarUnit::Month, "UTC", "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")]
    #[case(CalendarUnit::Hour, "Asia/Kolkata", "2026-01-01T00:10:00Z", "2025-12-31T23:30:00Z", "2026-01-01T00:30:00Z")]
    #[case(CalendarUnit::Minute, "UTC", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z")]
    // The day on which Berlin's clocks go back has 25 hours, the other 23.
    #[case(CalendarUnit::Day, "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    #[case(CalendarUnit::Day, "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    // Cairo's clocks jump from midnight to one.
    #[case(CalendarUnit::Day, "Africa/Cairo", "2024-04-26T12:00:00Z", "2024-04-25T22:00:00Z", "2024-04-26T21:00:00Z")]
    // Apia had no 30 December 2011.
    #[case(CalendarUnit::Day, "Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z")]
    fn calendar_window_holds_the_instant(
        #[case] unit: CalendarUnit,
        #[case] zone: Tz,
        #[case] now: &str,
        #[case] start: &str,
        #[case] end: &str,
    ) {
        let bounds = unit.bounds(zone, instant(now));
        assert_eq!(bounds.start_ms, instant(start).timestamp_millis());
        assert_eq!(bounds.end_ms, instant(end).timestamp_millis());
    }
}
