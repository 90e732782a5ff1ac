//! The cases that every backend of admission must pass.
//!
//! A backend's tests implement [`Subject`] and stamp all cases out with `admission_contract!`. There is no list of
//! exceptions.

pub mod bed;
pub mod freshness;
pub mod limit;
pub mod log;
pub mod quota;
pub mod record;
pub mod release;

pub use bed::Bed;
pub use log::MemoryLog;

use std::sync::Arc;

use async_trait::async_trait;
use ostiary_model::{AccountId, Decision};

use crate::Admission;

/// A backend under test, new, with a clock that stands at the beginning of a day until it is moved.
#[async_trait]
pub trait Subject: std::fmt::Debug + Send + Sync {
    /// The step.
    fn admission(&self) -> Arc<dyn Admission>;
    /// What a reader of the account would take note of.
    fn current(&self, account_id: AccountId) -> u64;
    /// What a change to the account does before it is acknowledged.
    async fn advance(&self, account_id: AccountId);
    /// Moves the clock of the counters on.
    fn pass_ms(&self, ms: i64);
    /// Waits until every end of a call that was handed over has had its effect.
    async fn quiet(&self);
    /// Waits until nothing is under way to the log, and answers what is there.
    async fn records(&self) -> Vec<Decision>;
}

/// Makes one test of each case, over a new backend each; `$new` is a future of a [`Subject`], or of none where there is
/// nothing to test with.
#[macro_export]
macro_rules! admission_contract {
    ($new:expr) => {
        $crate::admission_contract!($new;
            freshness: older_epoch_is_stale_and_leaves_no_trace, change_of_another_account_is_nothing,
                first_call_of_a_process_is_admitted;
            limit: at_max_refuses_the_next, of_several_takes_all_or_none, sliding_window_frees_to_the_millisecond,
                calendar_window_resets_on_its_boundary, amounts_add_up, counters_of_accounts_are_apart,
                sessions_are_apart, calls_at_once_are_bounded, many_at_once_never_exceed;
            quota: of_a_month_refuses_the_next_and_says_which_plan, counters_are_apart_from_those_of_policies,
                at_once_frees_with_the_end_of_a_call, unsent_call_is_given_back, shadow_does_not_get_round_the_plan,
                shadow_gives_back_what_it_took, calls_that_are_refused_take_nothing, plan_without_limits_counts_nothing,
                accounts_are_apart, calls_in_flight_are_said_and_not_taken, many_at_once_never_exceed_the_plan,
                unmetered_calls_do_not_get_round_the_plan;
            record: admitted_call_is_recorded_with_its_end, refused_call_is_recorded_with_its_reason,
                calls_at_once_are_refused_with_their_reason, refusals_by_rules_take_nothing,
                shadow_is_forwarded_and_takes_nothing;
            release: unsent_call_leaves_no_trace, everything_restores, amounts_keeps_the_count, nothing_keeps_everything,
                call_in_flight_that_is_dropped_stays_charged, share_goes_to_the_slot_it_came_from;
        );
    };
    ($new:expr; $($module:ident: $($case:ident),+;)+) => {
        $(mod $module {
            use super::*;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(subject) = $new.await {
                    $crate::contract::$module::$case(&$crate::contract::Bed::new(&subject)).await;
                }
            })+
        })+
    };
}
