//! Attempts to prove who one is, counted so that guessing takes long.

use async_trait::async_trait;

use crate::StorageError;

/// How many attempts are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimit {
    /// So many at once.
    pub burst: u32,
    /// Then one every so many milliseconds.
    pub interval_ms: i64,
}

impl AttemptLimit {
    /// How far the time of a key may be ahead for one more attempt, in milliseconds.
    #[must_use]
    pub fn tolerance_ms(&self) -> i64 {
        self.interval_ms.saturating_mul(i64::from(self.burst.saturating_sub(1)))
    }
}

/// Counts attempts by key: the generic cell rate algorithm, which keeps one time for each key. Shared by all
/// processes, so that many of them are not many times the attempts.
#[async_trait]
pub trait CountAttempts {
    /// Counts an attempt at `now_ms`, in milliseconds since the Unix epoch, and answers 0; or counts none, and answers
    /// after how many milliseconds one will be taken.
    async fn count_attempt(&self, key: &[u8; 32], limit: AttemptLimit, now_ms: i64) -> Result<u64, StorageError>;

    /// Takes an attempt back, which was none at guessing.
    async fn take_back_attempt(&self, key: &[u8; 32], limit: AttemptLimit) -> Result<(), StorageError>;

    /// Forgets keys that hold nothing back any more at `now_ms`; answers how many.
    async fn sweep_attempts(&self, now_ms: i64) -> Result<u64, StorageError>;
}
