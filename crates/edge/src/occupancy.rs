//! How many things each holder has at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// How many things each holder has at once, up to a bound.
///
/// Only holders that have something take memory.
#[derive(Debug)]
pub struct Occupancy<K> {
    max: u32,
    held: Arc<Mutex<HashMap<K, u32>>>,
}

/// One thing that is held; dropping it gives it back.
#[derive(Debug)]
pub struct Held<K: Copy + Eq + Hash> {
    key: K,
    held: Arc<Mutex<HashMap<K, u32>>>,
}

impl<K: Copy + Eq + Hash> Occupancy<K> {
    /// None yet, and at most `max` of each holder.
    #[must_use]
    pub fn new(max: u32) -> Self {
        Self { max, held: Arc::default() }
    }

    /// Takes one more for `key`, or none when it has as many as it may.
    #[must_use]
    pub fn take(&self, key: K) -> Option<Held<K>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(key).or_insert(0);
        if *count >= self.max {
            return None;
        }
        *count += 1;
        Some(Held { key, held: Arc::clone(&self.held) })
    }
}

impl<K: Copy + Eq + Hash> Drop for Held<K> {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occupancy_at_its_bound_refuses_until_one_is_given_back() {
        let calls = Occupancy::new(2);
        let first = calls.take(1).expect("first");
        let _second = calls.take(1).expect("second");
        assert!(calls.take(1).is_none());
        assert!(calls.take(2).is_some(), "another holder is not concerned");
        drop(first);
        assert!(calls.take(1).is_some());
    }

    #[test]
    fn occupancy_given_back_keeps_no_memory() {
        let calls = Occupancy::new(2);
        drop(calls.take(7));
        assert!(calls.held.lock().expect("lock").is_empty());
    }
}
