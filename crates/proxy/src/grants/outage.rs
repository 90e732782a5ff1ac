//! Reads that fail, told to those who wait for their turn.
//!
//! Reads of one token wait for each other, and all of them for a few places. While the database is away each takes as
//! long as it may; one after another, the last would wait for the sum. Who waited while a read failed fails with it.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// When a read failed last.
#[derive(Debug, Default)]
pub(super) struct Outage(Mutex<Option<Instant>>);

impl Outage {
    /// A read has failed.
    pub(super) fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a read has failed since somebody asked.
    pub(super) fn is_since(&self, asked: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|failed| failed >= asked)
    }
}
