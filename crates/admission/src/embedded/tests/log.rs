//! A log that remembers, and fails or waits when it is told to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use ostiary_model::decision::Ending;
use ostiary_model::{AccountId, Decision, DecisionId};
use ostiary_storage::{DecisionLog, LogBatch, SlotDelta, StorageError, StoredSlot};
use tokio::sync::Semaphore;

/// What was committed.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) commits: usize,
    pub(super) decisions: Vec<Decision>,
    pub(super) endings: Vec<(AccountId, DecisionId, Ending)>,
    pub(super) slots: Vec<StoredSlot>,
}

#[derive(Debug)]
pub(super) struct TestLog {
    written: Mutex<Written>,
    /// Commits take a permit each: none are left while the gate is shut.
    gate: Semaphore,
    /// How many commits have begun to wait for the gate.
    pub(super) waiting: AtomicUsize,
    pub(super) is_down: AtomicBool,
    /// A record of this method is refused, with everything in its transaction.
    pub(super) refused_method: &'static str,
}

const OPEN: usize = 1 << 20;

impl TestLog {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            written: Mutex::default(),
            gate: Semaphore::new(OPEN),
            waiting: AtomicUsize::new(0),
            is_down: AtomicBool::new(false),
            refused_method: "refused/method",
        })
    }

    pub(super) fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap()
    }

    pub(super) fn shut(&self) {
        self.gate.forget_permits(OPEN);
    }

    pub(super) fn open(&self) {
        self.gate.add_permits(OPEN);
    }

    pub(super) fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }
}

impl Written {
    fn apply(&mut self, delta: &SlotDelta) {
        let is_it = |slot: &&mut StoredSlot| slot.key == delta.key && slot.slot == delta.slot;
        match self.slots.iter_mut().find(is_it) {
            Some(slot) => {
                slot.amount_micros = (slot.amount_micros + delta.delta_micros).max(0);
                slot.last_ms = slot.last_ms.max(delta.last_ms);
                slot.expires_ms = slot.expires_ms.max(delta.expires_ms);
            }
            None if delta.delta_micros < 0 => {}
            None => self.slots.push(StoredSlot {
                account_id: delta.account_id,
                key: delta.key.clone(),
                slot: delta.slot,
                amount_micros: delta.delta_micros,
                last_ms: delta.last_ms,
                expires_ms: delta.expires_ms,
            }),
        }
    }
}

#[async_trait]
impl DecisionLog for TestLog {
    async fn commit(&self, batch: &LogBatch) -> Result<(), StorageError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        drop(self.gate.acquire().await.unwrap());
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StorageError::Unavailable("down".into()));
        }
        if batch.decisions.iter().any(|decision| decision.method == self.refused_method) {
            return Err(StorageError::Other("refused".into()));
        }
        let mut written = self.written();
        written.commits += 1;
        written.decisions.extend(batch.decisions.iter().cloned());
        written.endings.extend(batch.endings.iter().cloned());
        for delta in &batch.slots {
            written.apply(delta);
        }
        Ok(())
    }

    async fn load_slots(&self, now_ms: i64) -> Result<Vec<StoredSlot>, StorageError> {
        let written = self.written();
        Ok(written.slots.iter().filter(|slot| slot.expires_ms > now_ms).cloned().collect())
    }

    async fn sweep_slots(&self, now_ms: i64) -> Result<u64, StorageError> {
        let mut written = self.written();
        let before = written.slots.len();
        written.slots.retain(|slot| slot.expires_ms > now_ms);
        Ok((before - written.slots.len()) as u64)
    }
}
