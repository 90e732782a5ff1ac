//! What one call holds, from the moment it is taken to the moment the call has ended.

use std::sync::Arc;

use ostiary_counters::{MemoryCounters, Release, Reservation, SlotChange};
use ostiary_model::decision::Ending;
use ostiary_model::{AccountId, Decision, DecisionId};

use crate::embedded::settlement::{Settlement, Settlements};
use crate::permit::Settle;

/// A call's share of the counters.
///
/// Dropped before its record is durable it gives everything back, and leaves no trace. Once the record is there, it is
/// wrapped into a permit and ends by being settled.
#[derive(Debug)]
pub(super) struct Hold {
    account_id: AccountId,
    decision_id: DecisionId,
    reservation: Option<Reservation>,
    counters: Arc<MemoryCounters>,
    settlements: Settlements,
}

impl Hold {
    pub(super) fn new(
        decision: &Decision,
        reservation: Option<Reservation>,
        counters: Arc<MemoryCounters>,
        settlements: Settlements,
    ) -> Self {
        Self { account_id: decision.account_id, decision_id: decision.id, reservation, counters, settlements }
    }

    pub(super) const fn decision_id(&self) -> DecisionId {
        self.decision_id
    }

    pub(super) const fn account_id(&self) -> AccountId {
        self.account_id
    }

    /// What the call added to slots that must outlive the process.
    pub(super) fn changes(&self) -> impl Iterator<Item = SlotChange> {
        self.reservation.iter().flat_map(Reservation::changes)
    }

    fn give_back(&self, release: Release) -> Vec<SlotChange> {
        match &self.reservation {
            Some(reservation) => self.counters.release(reservation, release),
            None => Vec::new(),
        }
    }
}

impl Settle for Hold {
    fn settle(self: Box<Self>, release: Release, ending: Option<Ending>) {
        let changes = self.give_back(release);
        if ending.is_some() || !changes.is_empty() {
            self.settlements.send(Settlement {
                account_id: self.account_id,
                decision_id: self.decision_id,
                ending,
                changes,
            });
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // After a settlement this finds the reservation given back, and does nothing.
        self.give_back(Release::Everything);
    }
}
