//! Cases of attempts.

use super::Backend;
use super::fixture::hash;
use crate::AttemptLimit;

const LIMIT: AttemptLimit = AttemptLimit { burst: 3, interval_ms: 1_000 };

async fn count(backend: &Backend, seed: u8, now_ms: i64) -> u64 {
    backend.store.count_attempt(&hash(seed), LIMIT, now_ms).await.expect("count")
}

/// So many at once, then one an interval; a refused one costs nothing.
pub async fn attempts_beyond_the_burst_wait_for_the_interval(backend: &Backend) {
    for _ in 0..3 {
        assert_eq!(count(backend, 1, 10_000).await, 0);
    }
    assert_eq!(count(backend, 1, 10_000).await, 1_000);
    assert_eq!(count(backend, 1, 10_400).await, 600);
    assert_eq!(count(backend, 2, 10_400).await, 0);
    assert_eq!(count(backend, 1, 11_000).await, 0);
    assert_eq!(count(backend, 1, 11_000).await, 1_000);
    for _ in 0..3 {
        assert_eq!(count(backend, 1, 90_000).await, 0);
    }
}

/// Somebody who proves who they are has not been guessing.
pub async fn attempt_taken_back_may_be_made_again(backend: &Backend) {
    for _ in 0..3 {
        assert_eq!(count(backend, 1, 10_000).await, 0);
    }
    backend.store.take_back_attempt(&hash(1), LIMIT).await.expect("take back");
    assert_eq!(count(backend, 1, 10_000).await, 0);
    assert_eq!(count(backend, 1, 10_000).await, 1_000);
    backend.store.take_back_attempt(&hash(9), LIMIT).await.expect("take back");
}

/// Many at once get no further than one after the other.
pub async fn attempts_at_the_same_time_are_all_counted(backend: &Backend) {
    let all = futures_util::future::join_all((0..12).map(|_| count(backend, 1, 10_000))).await;
    assert_eq!(all.iter().filter(|wait| **wait == 0).count(), 3);
}

/// What holds nothing back is forgotten.
pub async fn attempts_that_hold_nothing_back_are_swept(backend: &Backend) {
    count(backend, 1, 10_000).await;
    count(backend, 2, 10_500).await;
    assert_eq!(backend.store.sweep_attempts(11_000).await.expect("sweep"), 1);
    assert_eq!(backend.store.sweep_attempts(11_000).await.expect("sweep"), 0);
    assert_eq!(count(backend, 2, 11_000).await, 0);
}
