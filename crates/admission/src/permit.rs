//! What an admitted call holds, before it is sent and while it is in flight.
//!
//! Two types, so that what an unfinished call keeps follows from how far it came: a [`Permit`] that is dropped was surely
//! not sent and gives everything back; an [`InFlight`] that is dropped may have run and stays charged.

use std::fmt;

use ostiary_counters::Release;
use ostiary_model::DecisionId;
use ostiary_model::decision::{Ending, EndingResult, Outcome};

/// Ends a call at its backend: gives back its share of the counters and completes its record.
pub trait Settle: Send {
    /// Ends the call. Never blocks and never fails: what cannot be written at once is written later.
    fn settle(self: Box<Self>, release: Release, ending: Option<Ending>);
}

/// The right to forward one call. Its record is durable and its share of every limit taken.
#[must_use = "a permit that is dropped gives back what the call took"]
pub struct Permit {
    decision_id: DecisionId,
    outcome: Outcome,
    settle: Option<Box<dyn Settle>>,
}

/// One call that may have been sent.
#[must_use = "a call in flight should be settled with what is known of its end"]
pub struct InFlight {
    decision_id: DecisionId,
    settle: Option<Box<dyn Settle>>,
}

impl Permit {
    /// A permit of a backend. `outcome` is what the record says: allowed, allowed unmetered, or denied in shadow.
    pub fn new(decision_id: DecisionId, outcome: Outcome, settle: Box<dyn Settle>) -> Self {
        Self { decision_id, outcome, settle: Some(settle) }
    }

    /// The call's record.
    #[must_use]
    pub const fn decision_id(&self) -> DecisionId {
        self.decision_id
    }

    /// What the record says.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// From here on the call may reach its upstream. To be called before the attempt to connect.
    pub fn send(mut self) -> InFlight {
        InFlight { decision_id: self.decision_id, settle: self.settle.take() }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(settle) = self.settle.take() {
            let ending =
                Ending { result: EndingResult::ClientGone, upstream_status: None, bytes_out: 0, upstream_ms: 0 };
            settle.settle(Release::Everything, Some(ending));
        }
    }
}

impl InFlight {
    /// The call's record.
    #[must_use]
    pub const fn decision_id(&self) -> DecisionId {
        self.decision_id
    }

    /// Ends the call: gives back what surely was not used, and completes its record. Never blocks.
    pub fn settle(mut self, release: Release, ending: Option<Ending>) {
        if let Some(settle) = self.settle.take() {
            settle.settle(release, ending);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(settle) = self.settle.take() {
            settle.settle(Release::Nothing, None);
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("decision_id", &self.decision_id)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("decision_id", &self.decision_id).finish_non_exhaustive()
    }
}
