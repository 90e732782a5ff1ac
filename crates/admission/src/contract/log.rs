//! A log in memory that can be away.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use ostiary_model::{Decision, DecisionId};
use ostiary_storage::{DecisionLog, LogBatch, StorageError, StoredSlot};

/// Remembers records, and how often each id came.
#[derive(Debug, Default)]
pub struct MemoryLog {
    records: Mutex<BTreeMap<DecisionId, (Decision, usize)>>,
    is_away: AtomicBool,
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Takes nothing any more, or takes again.
    pub fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    /// What is there, in the order of the ids.
    #[must_use]
    pub fn records(&self) -> Vec<Decision> {
        self.lock().values().map(|(record, _)| record.clone()).collect()
    }

    /// How many records came more than once.
    #[must_use]
    pub fn repeated(&self) -> usize {
        self.lock().values().filter(|(_, times)| *times > 1).count()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<DecisionId, (Decision, usize)>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl DecisionLog for MemoryLog {
    async fn commit(&self, batch: &LogBatch) -> Result<(), StorageError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StorageError::Unavailable("away".into()));
        }
        let mut records = self.lock();
        for decision in &batch.decisions {
            records.entry(decision.id).or_insert_with(|| (decision.clone(), 0)).1 += 1;
        }
        for (_, id, ending) in &batch.endings {
            if let Some((record, _)) = records.get_mut(id) {
                record.ending = Some(ending.clone());
            }
        }
        Ok(())
    }

    async fn load_slots(&self, _now_ms: i64) -> Result<Vec<StoredSlot>, StorageError> {
        Ok(Vec::new())
    }

    async fn sweep_slots(&self, _now_ms: i64) -> Result<u64, StorageError> {
        Ok(0)
    }
}
