//! Who shares the process with whom.

use std::time::Duration;

use ostiary_model::AccountId;
use tokio::time::Instant;

/// Whose last request is longer ago is not slowed by anybody.
const OF_LATE: Duration = Duration::from_secs(1);

/// Which accounts made requests of late: enough of it to tell each whether another one did.
#[derive(Debug, Default)]
pub(super) struct Company {
    last: Option<(AccountId, Instant)>,
    /// The last request of any account but that one.
    before: Option<Instant>,
}

impl Company {
    /// Takes note of a request.
    pub(super) fn note(&mut self, account_id: AccountId, now: Instant) {
        if let Some((_, at)) = self.last.filter(|(last, _)| *last != account_id) {
            self.before = Some(at);
        }
        self.last = Some((account_id, now));
    }

    /// Whether another account than this one made a request of late.
    pub(super) fn has_other_than(&self, account_id: AccountId, now: Instant) -> bool {
        let other = match self.last {
            Some((last, at)) if last != account_id => Some(at),
            _ => self.before,
        };
        other.is_some_and(|at| now.duration_since(at) < OF_LATE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn company_of_an_account_alone_is_none_however_often_it_calls() {
        let (account, mut company, now) = (AccountId::generate(), Company::default(), Instant::now());
        for _ in 0..3 {
            company.note(account, now);
        }
        assert!(!company.has_other_than(account, now));
        assert!(company.has_other_than(AccountId::generate(), now));
    }

    #[test]
    fn company_of_two_is_seen_by_both_for_a_second() {
        let (one, other) = (AccountId::generate(), AccountId::generate());
        let (mut company, began) = (Company::default(), Instant::now());
        company.note(one, began);
        let later = began + Duration::from_millis(500);
        company.note(other, later);
        company.note(other, later);
        assert!(company.has_other_than(one, later) && company.has_other_than(other, later));
        let over = began + OF_LATE;
        company.note(other, over);
        assert!(!company.has_other_than(other, over), "the one has been quiet for a second");
        assert!(company.has_other_than(one, over));
    }
}
