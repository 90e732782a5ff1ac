//! Stored values become values of the model, or an error that says which one is broken.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use ostiary_storage::{Page, StorageError};

/// Where values come from: a row of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<K> {
    table: &'static str,
    row: K,
}

impl<K: Display> Place<K> {
    /// The row of `table` with the key `row`.
    pub(crate) const fn new(table: &'static str, row: K) -> Self {
        Self { table, row }
    }

    /// The error of a broken column.
    pub(crate) fn broken(&self, column: &'static str) -> StorageError {
        StorageError::Inconsistent { table: self.table, column, row: self.row.to_string() }
    }

    /// The value that a check passed.
    pub(crate) fn value<T, E>(&self, column: &'static str, checked: Result<T, E>) -> Result<T, StorageError> {
        checked.map_err(|_| self.broken(column))
    }

    /// A time from milliseconds since the Unix epoch.
    pub(crate) fn time(&self, column: &'static str, ms: i64) -> Result<DateTime<Utc>, StorageError> {
        DateTime::from_timestamp_millis(ms).ok_or_else(|| self.broken(column))
    }

    /// A time that may be absent.
    pub(crate) fn time_option(
        &self,
        column: &'static str,
        ms: Option<i64>,
    ) -> Result<Option<DateTime<Utc>>, StorageError> {
        ms.map(|ms| self.time(column, ms)).transpose()
    }

    /// A word, an id's text, a URL.
    pub(crate) fn parse<T: FromStr>(&self, column: &'static str, text: &str) -> Result<T, StorageError> {
        self.value(column, text.parse())
    }

    /// A value kept as JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StorageError> {
        self.value(column, serde_json::from_str(text))
    }

    /// A SHA-256.
    pub(crate) fn hash(&self, column: &'static str, bytes: &[u8]) -> Result<[u8; 32], StorageError> {
        self.value(column, bytes.try_into())
    }
}

/// JSON of a value that always has one.
pub(crate) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|error| StorageError::Other(error.into()))
}

/// The first whole millisecond at or after a time: what was kept is truncated, and a period that begins within a
/// millisecond does not begin before it.
pub(crate) fn ceil_millis(time: DateTime<Utc>) -> i64 {
    let ms = time.timestamp_millis();
    if time.timestamp_subsec_nanos().is_multiple_of(1_000_000) { ms } else { ms.saturating_add(1) }
}

/// How many rows to ask for, to learn whether there is more than `limit`.
pub(crate) fn one_more(limit: u32) -> i64 {
    i64::from(limit.max(1)) + 1
}

/// A page from the rows that [`one_more`] asked for.
pub(crate) fn to_page<R, T>(
    rows: Vec<R>,
    limit: u32,
    convert: impl FnMut(R) -> Result<T, StorageError>,
) -> Result<Page<T>, StorageError> {
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    let items = rows.into_iter().take(limit).map(convert).collect::<Result<_, _>>()?;
    Ok(Page { items, has_more })
}
