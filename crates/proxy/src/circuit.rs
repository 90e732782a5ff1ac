//! A circuit per server: an upstream that keeps failing is answered for at once, with a probe now and then.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use moka::sync::Cache;
use ostiary_egress::EgressError;
use ostiary_model::{Server, ServerId};

/// What failures weigh together, one after another, before the circuit opens.
const OPENS_AT: u32 = 10;
/// An upstream that cannot be connected serves nobody.
const UNREACHABLE: u32 = 2;
/// One that is silent, breaks off or answers with a server error may still serve somebody else: a single tool can be slow
/// or broken.
const BROKEN: u32 = 1;
/// How long an open circuit waits before it lets one probe through, at first and at most.
const FIRST_WAIT_MS: i64 = 1_000;
const LONGEST_WAIT_MS: i64 = 30_000;

/// The circuits of all servers, by the URL they have: what was learned of another one says nothing. Bounded: a forgotten
/// circuit is a closed one.
#[derive(Debug)]
pub(crate) struct Circuits {
    states: Cache<(ServerId, u64), Arc<Mutex<State>>>,
}

#[derive(Debug, Default)]
struct State {
    /// What the failures since the last success weigh.
    weight: u32,
    /// Failed probes since the circuit opened.
    probes: u32,
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

    pub(crate) fn of(&self, server: &Server) -> Circuit {
        let mut hasher = DefaultHasher::new();
        server.url.as_str().hash(&mut hasher);
        Circuit(self.states.get_with((server.id, hasher.finish()), Arc::default))
    }
}

impl Circuit {
    /// Whether a call may try the upstream. An open circuit lets one through when its wait is over, and waits anew.
    pub(crate) fn lets_through(&self, now_ms: i64) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.weight < OPENS_AT {
            return true;
        }
        if now_ms < state.retry_at_ms {
            return false;
        }
        state.retry_at_ms = now_ms.saturating_add(wait_ms(state.probes));
        true
    }

    /// The upstream did not answer.
    pub(crate) fn failed(&self, error: &EgressError, now_ms: i64) {
        self.add(if error.is_unsent() { UNREACHABLE } else { BROKEN }, now_ms);
    }

    /// The upstream answered. A status that says the server itself is out of order counts as a failure.
    pub(crate) fn answered(&self, status: StatusCode, now_ms: i64) {
        if status.is_server_error() {
            self.add(BROKEN, now_ms);
        } else {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
        }
    }

    fn add(&self, weight: u32, now_ms: i64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.weight >= OPENS_AT {
            state.probes = state.probes.saturating_add(1);
        }
        state.weight = state.weight.saturating_add(weight);
        state.retry_at_ms = now_ms.saturating_add(wait_ms(state.probes));
    }
}

fn wait_ms(failed_probes: u32) -> i64 {
    (FIRST_WAIT_MS << failed_probes.min(10)).min(LONGEST_WAIT_MS)
}

#[cfg(test)]
mod tests {
    use ostiary_egress::Phase;

    use super::*;

    fn closed() -> Circuit {
        Circuit(Arc::default())
    }

    fn open(now_ms: i64) -> Circuit {
        let circuit = closed();
        for _ in 0..OPENS_AT / UNREACHABLE {
            assert!(circuit.lets_through(now_ms));
            circuit.add(UNREACHABLE, now_ms);
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
        circuit.add(UNREACHABLE, 1000);
        assert!(!circuit.lets_through(2999));
        assert!(circuit.lets_through(3000));
        assert_eq!(wait_ms(u32::MAX), LONGEST_WAIT_MS);
    }

    #[test]
    fn circuit_whose_probe_succeeds_closes() {
        let circuit = open(0);
        assert!(circuit.lets_through(1000));
        circuit.answered(StatusCode::OK, 1000);
        assert!(circuit.lets_through(1000) && circuit.lets_through(1000));
    }

    #[test]
    fn circuit_opens_for_silence_and_server_errors_and_not_for_refusals() {
        let circuit = closed();
        for _ in 0..OPENS_AT / 2 {
            circuit.failed(&EgressError::Timeout(Phase::FirstByte), 0);
            circuit.answered(StatusCode::BAD_GATEWAY, 0);
        }
        assert!(!circuit.lets_through(0));
        let refusing = closed();
        (0..100).for_each(|_| refusing.answered(StatusCode::FORBIDDEN, 0));
        assert!(refusing.lets_through(0));
    }

    #[test]
    fn circuit_of_one_broken_tool_among_others_stays_closed() {
        let circuit = closed();
        for _ in 0..100 {
            circuit.answered(StatusCode::INTERNAL_SERVER_ERROR, 0);
            circuit.answered(StatusCode::OK, 0);
        }
        assert!(circuit.lets_through(0));
    }
}
