//! The cases that every store of counters must pass, whatever it is made of.
//!
//! A store's tests implement [`Subject`] and stamp all cases out with `counter_contract!`.
//! There is no list of exceptions.

pub mod concurrent;
pub mod release;
pub mod reserve;
pub mod window;

use crate::{
    Charge, CounterKey, Exceeded, MemoryCounters, ONE, PeekOutcome, Release, Reservation, ReserveOutcome, Scope, Span,
    Window,
};

/// A store under test, empty. Its time is the time it is given.
pub trait Subject {
    /// What it answers for a reservation.
    type Reservation;

    /// Takes all charges or none; panics when the store cannot be reached.
    fn reserve(&self, charges: &[Charge], now_ms: i64) -> Outcome<Self::Reservation>;
    /// Judges only.
    fn peek(&self, charges: &[Charge], now_ms: i64) -> PeekOutcome;
    /// Gives back.
    fn release(&self, reservation: &Self::Reservation, release: Release);
    /// Prolongs leases.
    fn renew(&self, reservation: &Self::Reservation, now_ms: i64) -> bool;
}

/// What a reservation came to.
#[derive(Debug)]
pub enum Outcome<R> {
    /// Everything was taken.
    Reserved(R),
    /// Nothing was taken.
    Exceeded(Vec<Exceeded>),
    /// Nothing was taken.
    WindowPassed {
        /// The store's time.
        now_ms: i64,
    },
}

impl Subject for MemoryCounters {
    type Reservation = Reservation;

    fn reserve(&self, charges: &[Charge], now_ms: i64) -> Outcome<Reservation> {
        match Self::reserve(self, charges, now_ms) {
            ReserveOutcome::Reserved(reservation) => Outcome::Reserved(reservation),
            ReserveOutcome::Exceeded(exceeded) => Outcome::Exceeded(exceeded),
            ReserveOutcome::WindowPassed { now_ms } => Outcome::WindowPassed { now_ms },
            ReserveOutcome::Full => panic!("the store is full"),
        }
    }

    fn peek(&self, charges: &[Charge], now_ms: i64) -> PeekOutcome {
        Self::peek(self, charges, now_ms)
    }

    fn release(&self, reservation: &Reservation, release: Release) {
        Self::release(self, reservation, release);
    }

    fn renew(&self, reservation: &Reservation, now_ms: i64) -> bool {
        Self::renew(self, reservation, now_ms)
    }
}

/// Makes one test of each case, over a new store each.
#[macro_export]
macro_rules! counter_contract {
    ($new:expr) => {
        $crate::counter_contract!($new;
            reserve: at_max_refuses_the_next, of_several_takes_all_or_none,
                names_every_exceeded_limit, above_max_alone_never_fits, of_nothing_is_still_judged,
                adds_count_and_amounts, counters_are_apart, peek_takes_nothing,
                huge_amounts_do_not_wrap;
            window: sliding_interval_contains_its_start_and_not_its_end,
                sliding_calls_apart_are_held_exactly, sliding_slot_is_held_as_long_as_its_last_call,
                sliding_retry_waits_for_enough, calendar_resets_on_its_boundary,
                calendar_of_another_time_is_refused, time_never_goes_back;
            release: everything_restores, amounts_keeps_the_count, nothing_keeps_everything,
                twice_is_once, goes_to_the_slot_it_came_from, after_expiry_changes_nothing;
            concurrent: at_max_refuses_until_one_ends, every_release_ends_a_lease,
                lease_of_a_dead_holder_expires, renewed_lease_lives_on,
                renewal_of_an_ended_lease_is_refused, refused_call_holds_no_lease;
        );
    };
    ($new:expr; $($module:ident: $($case:ident),+;)+) => {
        $(mod $module {
            use super::*;

            $(#[test]
            fn $case() {
                $crate::contract::$module::$case(&$new);
            })+
        })+
    };
}

/// A minute, in milliseconds.
pub(crate) const MINUTE: u64 = 60_000;

/// One call on a counter of a minute.
pub(crate) fn calls(counter: &str, max: u64) -> Charge {
    amount(counter, ONE, 0, max * ONE)
}

/// A count and an amount on a counter of a minute.
pub(crate) fn amount(counter: &str, count_micros: u64, amount_micros: u64, max: u64) -> Charge {
    let span = Span::Sliding { window_ms: MINUTE };
    Charge {
        key: CounterKey::new(&[9; 16], Scope::Grant(b"g"), b"s", counter, span),
        window: Window::Sliding { window_ms: MINUTE },
        count_micros,
        amount_micros,
        limits: vec![max],
    }
}

/// Reserves what must fit.
pub(crate) fn take<S: Subject>(store: &S, charges: &[Charge], now_ms: i64) -> S::Reservation {
    match store.reserve(charges, now_ms) {
        Outcome::Reserved(reservation) => reservation,
        Outcome::Exceeded(exceeded) => panic!("refused at {now_ms}: {exceeded:?}"),
        Outcome::WindowPassed { now_ms } => panic!("window passed at {now_ms}"),
    }
}

/// Reserves what must not fit.
pub(crate) fn refuse<S: Subject>(store: &S, charges: &[Charge], now_ms: i64) -> Vec<Exceeded> {
    match store.reserve(charges, now_ms) {
        Outcome::Exceeded(exceeded) => exceeded,
        Outcome::Reserved(_) => panic!("taken at {now_ms}"),
        Outcome::WindowPassed { now_ms } => panic!("window passed at {now_ms}"),
    }
}

/// Reserves what must not fit, and answers how long the one limit asks to wait.
pub(crate) fn refused_for<S: Subject>(store: &S, charge: &Charge, now_ms: i64) -> Option<u64> {
    let exceeded = refuse(store, std::slice::from_ref(charge), now_ms);
    assert_eq!(exceeded.len(), 1);
    exceeded.first().and_then(|one| one.retry_after_ms)
}
