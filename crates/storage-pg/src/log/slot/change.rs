//! Several differences of one slot as one change.

use ostiary_storage::SlotDelta;

/// An amount that no counter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the differences of a slot add up to more than it holds")]
pub(super) struct TooMuchError;

/// What differences, one after the other, make of an amount: `max(amount + added, floor)`.
///
/// A sum alone would not do: what is given back in between never takes the amount below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) added: i64,
    pub(super) floor: i64,
    /// Whether a slot that is not there is made.
    pub(super) makes: bool,
    pub(super) last_ms: i64,
    pub(super) expires_ms: i64,
}

impl Change {
    /// Puts one more difference behind those that are there.
    pub(super) fn add(&mut self, delta: &SlotDelta) -> Result<(), TooMuchError> {
        self.added = self.added.checked_add(delta.delta_micros).ok_or(TooMuchError)?;
        self.floor = self.floor.checked_add(delta.delta_micros).ok_or(TooMuchError)?.max(0);
        self.makes |= delta.delta_micros > 0;
        self.last_ms = self.last_ms.max(delta.last_ms);
        self.expires_ms = self.expires_ms.max(delta.expires_ms);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ostiary_model::AccountId;

    use super::*;

    fn change(deltas: &[i64]) -> Result<Change, TooMuchError> {
        let mut change = Change::default();
        for delta_micros in deltas {
            change.add(&SlotDelta {
                account_id: AccountId::from_uuid(uuid::Uuid::nil()),
                key: String::new(),
                slot: 0,
                delta_micros: *delta_micros,
                last_ms: 0,
                expires_ms: 0,
            })?;
        }
        Ok(change)
    }

    #[test]
    fn change_is_what_its_differences_make_one_by_one() {
        let cases: [&[i64]; 6] = [&[5], &[-5], &[5, -9], &[5, -9, 2], &[-3, 4, -2, -2, 7], &[-1, -1, 1]];
        for deltas in cases {
            let change = change(deltas).expect("a change");
            for amount in 0..12_i64 {
                let one_by_one = deltas.iter().fold(amount, |amount, delta| (amount + delta).max(0));
                assert_eq!((amount + change.added).max(change.floor), one_by_one, "{amount} {deltas:?}");
            }
        }
    }

    #[test]
    fn change_makes_a_slot_when_something_was_added() {
        assert!(change(&[-1, 1]).expect("a change").makes);
        assert!(!change(&[-1, -1]).expect("a change").makes);
    }

    #[test]
    fn change_of_more_than_an_amount_holds_is_an_error() {
        assert_eq!(change(&[i64::MAX, i64::MAX]), Err(TooMuchError));
    }
}
