//! A circuit per server: an upstream that keeps failing is answered for at once, with a probe now and then.

use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;
use ostiary_model::ServerId;

/// Failures to connect in a row after which the circuit opens.
const OPENS_AFTER: u32 = 5;
/// How long an open circuit waits before it lets one probe through, at first and at most.
const FIRST_WAIT_MS: i64 = 1_000;
const LONGEST_WAIT_MS: i64 = 30_000;

/// The circuits of all servers. Bounded: a forgotten circuit is a closed one.
#[derive(Debug)]
pub(crate) struct Circuits {
    states: Cache<ServerId, Arc<Mutex<State>>>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// While open: no call before this time but one probe at it.
    retry_at_ms: i64,
}

/// One server's circuit, for one call.
#[derive(Clone, Debug)]
pub(crate) struct Circuit(Arc<Mutex<State>>);

impl Circuits {
    pub(crate) fn new() -> Self {
        Self { states: Cache::new(100_000) }
    }

    pub(crate) fn of(&self, server_id: ServerId) -> Circuit {
        Circuit(self.states.get_with(server_id, Arc::default))
    }
}

impl Circuit {
    /// Whether a call may try the upstream. An open circuit lets one through when its wait is over, and waits anew.
    pub(crate) fn lets_through(&self, now_ms: i64) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failures < OPENS_AFTER {
            return true;
        }
        if now_ms < state.retry_at_ms {
            return false;
        }
        state.retry_at_ms = now_ms.saturating_add(wait_ms(state.failures));
        true
    }

    /// The upstream could not be connected.
    pub(crate) fn failed(&self, now_ms: i64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        state.retry_at_ms = now_ms.saturating_add(wait_ms(state.failures));
    }

    /// The upstream was connected, whatever it answered.
    pub(crate) fn succeeded(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failures = 0;
    }
}

fn wait_ms(failures: u32) -> i64 {
    let doublings = failures.saturating_sub(OPENS_AFTER).min(10);
    (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(now_ms: i64) -> Circuit {
        let circuit = Circuits::new().of(ServerId::generate());
        for _ in 0..OPENS_AFTER {
            assert!(circuit.lets_through(now_ms));
            circuit.failed(now_ms);
        }
        circuit
    }

    #[test]
    fn circuit_after_failures_in_a_row_opens_and_probes_once_a_wait() {
        let circuit = open(0);
        assert!(!circuit.lets_through(999));
        assert!(circuit.lets_through(1000), "the probe");
        assert!(!circuit.lets_through(1000), "one probe only");
        assert!(circuit.lets_through(2000), "a probe that never came back is followed by another");
    }

    #[test]
    fn circuit_whose_probe_fails_waits_longer_up_to_a_bound() {
        let circuit = open(0);
        assert!(circuit.lets_through(1000));
        circuit.failed(1000);
        assert!(!circuit.lets_through(2999));
        assert!(circuit.lets_through(3000));
        assert_eq!(wait_ms(u32::MAX), LONGEST_WAIT_MS);
    }

    #[test]
    fn circuit_whose_probe_succeeds_closes() {
        let circuit = open(0);
        assert!(circuit.lets_through(1000));
        circuit.succeeded();
        assert!(circuit.lets_through(1000) && circuit.lets_through(1000));
    }
}
