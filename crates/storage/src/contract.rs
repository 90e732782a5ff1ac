//! The cases that every backend must pass.
//!
//! A backend stamps all of them out with one line in a test of its own:
//!
//! ```text
//! async fn open() -> ostiary_storage::contract::Backend { … } // or an `Option` of it
//! ostiary_storage::storage_contract!(crate::open);
//! ```
//!
//! To add a case: a function in the module of its entity, and its name in the list below. No case can be left out by
//! a backend.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use crate::{DecisionLog, Store};

#[macro_use]
mod check;
pub mod account;
pub mod api_key;
pub mod attempt;
pub mod audit;
pub mod catalogue;
pub mod decision;
pub mod entry;
pub mod fixture;
pub mod grant;
pub mod idempotency;
pub mod identity;
pub mod invitation;
pub mod link;
pub mod log;
pub mod member;
pub mod passkey;
pub mod plan;
pub mod policy;
pub mod sealed;
pub mod second_factor;
pub mod server;
pub mod session;
pub mod snapshot;
pub mod tool;
pub mod tool_change;
pub mod transaction;
pub mod usage;
pub mod user;

/// An empty backend of one case.
#[derive(Debug)]
pub struct Backend {
    /// Reads and transactions.
    pub store: Arc<dyn Store>,
    /// The log of decisions, in the same database.
    pub log: Arc<dyn DecisionLog>,
    _guard: Box<dyn Guard>,
}

/// What must live as long as the backend, such as the directory of its file.
trait Guard: Any + Debug + Send + Sync {}

impl<T: Any + Debug + Send + Sync> Guard for T {}

impl Backend {
    /// A backend over `store`; `guard` is dropped behind it.
    pub fn new<S>(store: S, guard: impl Any + Debug + Send + Sync) -> Self
    where
        S: Store + DecisionLog + 'static,
    {
        let store = Arc::new(store);
        Self { store: Arc::<S>::clone(&store), log: store, _guard: Box::new(guard) }
    }
}

/// Makes one test of each case. The argument is the path of an async function without arguments that answers an
/// empty [`Backend`], or none where the machine cannot have one.
#[macro_export]
macro_rules! storage_contract {
    ($open:path) => {
        $crate::storage_contract_cases! {
            $open;
            account {
                account_created_is_found_by_id_and_slug,
                account_with_a_taken_slug_is_a_conflict,
                account_updated_has_the_new_name,
                account_not_there_is_not_updated,
                account_locked_is_changed_by_one_after_the_other,
                account_to_be_deleted_opens_nothing_until_restored,
                accounts_to_delete_are_those_whose_time_has_come,
                account_deleted_leaves_nothing,
            }
            user {
                user_created_is_found_by_email,
                user_with_a_taken_email_is_a_conflict,
                password_hash_updated_is_the_new_one,
                user_created_is_found_by_id,
                email_verified_says_when,
            }
            member {
                member_created_is_found_in_its_account_only,
                member_created_twice_is_a_conflict,
                member_without_user_or_account_is_not_found,
                memberships_are_listed_the_oldest_first,
                members_are_listed_in_pages,
                member_updated_has_the_new_role,
                member_deleted_is_gone,
                roles_locked_are_changed_by_one_at_a_time,
            }
            invitation {
                invitation_created_is_found_by_hash,
                invitation_to_the_same_address_replaces_the_older,
                invitations_are_listed_in_pages,
                invitation_deleted_is_gone,
            }
            link {
                link_created_is_taken_once,
                link_created_replaces_the_older_of_its_purpose,
            }
            second_factor {
                totp_put_is_replaced_until_it_is_confirmed,
                totp_step_is_taken_once_and_in_order,
                recovery_codes_are_replaced_and_taken_once,
                second_factors_deleted_are_gone,
            }
            passkey {
                passkeys_are_used_and_removed_by_their_user_only,
                ceremony_is_taken_once_by_its_user_in_time,
            }
            identity {
                identity_is_of_one_user_at_one_provider,
            }
            sealed {
                sealed_values_of_all_accounts_are_found_and_replaced_once,
            }
            attempt {
                attempts_beyond_the_burst_wait_for_the_interval,
                attempt_taken_back_may_be_made_again,
                attempts_at_the_same_time_are_all_counted,
                attempts_that_hold_nothing_back_are_swept,
            }
            session {
                session_created_is_found_with_member_and_account,
                session_is_gone_when_it_expires,
                session_ended_is_gone_and_may_be_ended_again,
                session_of_no_member_is_not_found,
                sessions_of_a_user_are_listed_in_pages,
                sessions_of_a_user_are_ended,
                session_is_moved_between_accounts_of_its_user,
                session_touched_keeps_the_latest_time,
                sessions_that_expired_are_swept,
            }
            api_key {
                key_created_is_found_by_hash,
                key_with_a_taken_hash_is_a_conflict,
                keys_are_listed_in_pages_without_revoked_ones,
                key_revoked_twice_keeps_the_first_time,
                key_touched_keeps_the_latest_time,
                key_of_another_account_is_neither_read_nor_written,
                keys_of_a_user_are_revoked_by_role,
            }
            audit {
                events_committed_follow_each_other,
                events_of_a_dropped_transaction_are_not_there,
                events_written_at_the_same_time_are_one_chain,
                events_are_listed_in_pages_the_newest_first,
                events_are_filtered_by_each_member,
                events_of_another_account_are_not_found,
                events_altered_or_removed_are_found_out,
            }
            server {
                server_created_is_found_by_id_and_slug,
                server_with_a_taken_slug_is_a_conflict_in_its_account_only,
                server_in_no_account_is_not_found,
                servers_are_listed_in_pages_the_newest_first,
                server_totals_are_counted,
                server_updated_has_the_next_revision,
                server_updated_from_an_old_revision_is_stale,
                server_updated_to_a_taken_slug_is_a_conflict,
                server_inventory_is_noted_without_a_new_revision,
                server_deleted_takes_what_hangs_on_it_and_leaves_decisions,
                servers_to_read_are_each_taken_once,
                server_of_another_account_is_neither_read_nor_written,
            }
            tool {
                tools_replaced_are_listed_by_name,
                tools_replaced_keep_what_was_first_seen_and_accepted,
                tools_not_in_the_new_list_are_removed,
                tools_of_a_strange_server_are_not_found,
                tools_with_odd_names_are_kept_apart,
                tool_accepted_is_accepted,
                tool_changed_meanwhile_is_not_accepted,
                tool_gone_is_remembered_with_what_was_accepted,
                tools_put_leave_the_others,
                tool_overridden_stays_so_when_it_is_read_again,
                foreign_tool_names_are_those_of_the_other_servers,
            }
            entry {
                entries_replaced_are_listed_by_kind_and_key,
                entries_replaced_keep_the_first_sight_and_forget_the_rest,
                entries_with_odd_keys_are_kept_apart,
                entries_of_a_strange_server_are_not_found,
            }
            tool_change {
                change_put_is_found_and_replaced_by_its_id,
                changes_are_listed_in_pages_by_whether_they_were_reviewed,
                change_reviewed_twice_is_stale,
                change_of_another_account_is_neither_read_nor_written,
            }
            catalogue {
                catalogue_server_put_twice_is_replaced_with_its_tools,
                catalogue_tools_are_found_by_words_and_category,
                catalogue_tools_are_found_by_their_findings,
                catalogue_servers_with_the_same_tools_are_similar,
                catalogue_servers_are_listed_in_pages_and_by_words,
                catalogue_cursor_is_kept_until_the_import_is_complete,
            }
            policy {
                policy_created_is_found_with_its_version,
                policy_with_a_taken_name_is_a_conflict_on_its_server_only,
                policy_on_a_strange_server_is_not_found,
                policies_are_listed_in_pages_by_server,
                version_created_is_the_newest,
                version_behind_another_is_stale,
                versions_are_listed_in_pages_the_newest_first,
                policy_renamed_has_the_new_name,
                policy_of_revoked_grants_is_deleted,
                policy_uses_are_counted,
                policy_deleted_is_gone_with_its_versions,
                policy_that_is_bound_is_not_deleted,
                policy_of_another_account_is_neither_read_nor_written,
            }
            grant {
                grant_created_is_found_with_its_bindings_in_order,
                grant_with_a_strange_binding_is_not_found,
                grant_with_a_taken_token_is_a_conflict,
                grants_are_listed_in_pages_the_newest_first,
                grant_updated_has_the_next_revision,
                grant_updated_from_an_old_revision_is_stale,
                binding_put_is_added_or_replaced_in_place,
                binding_to_what_is_strange_is_not_found,
                binding_deleted_is_gone,
                grant_revoked_twice_keeps_the_first_time,
                grants_touched_keep_the_latest_time,
                grant_of_another_account_is_neither_read_nor_written,
            }
            snapshot {
                snapshot_holds_servers_and_newest_policies,
                snapshot_of_a_grant_without_bindings_is_found,
                snapshot_of_a_revoked_grant_is_found,
                snapshot_of_an_unknown_token_is_none,
                snapshot_of_a_rotated_token_says_until_when,
                snapshot_after_its_server_is_deleted_has_no_binding,
            }
            plan {
                account_has_the_plan_it_was_given,
                snapshot_says_the_plan_of_its_account,
                holdings_are_counted_by_account,
                holdings_are_counted_up_to_a_bound,
                account_held_is_added_to_by_one_at_a_time,
                decisions_before_a_time_are_deleted_the_oldest_first,
            }
            usage {
                usage_adds_up_what_is_written_once,
                usage_of_endings_is_added_once,
                usage_of_another_account_is_kept_apart,
                usage_of_a_batch_that_fails_is_not_added,
                usage_of_batches_at_the_same_time_is_added_up,
                usage_goes_with_its_account,
            }
            log {
                decision_written_twice_stays_as_it_was,
                ending_is_written_to_its_record,
                ending_may_come_with_its_record,
                ending_may_come_with_a_record_that_is_there_already,
                ending_of_another_account_is_passed_over,
                slots_are_added_up,
                slots_given_back_never_go_below_zero,
                slots_that_expired_are_not_loaded_and_are_swept,
                slots_of_two_accounts_are_kept_apart,
                batch_that_fails_writes_nothing,
                batches_at_the_same_time_lose_nothing,
            }
            decision {
                decision_with_every_member_is_read_as_written,
                decision_with_nothing_optional_is_read_as_written,
                decisions_are_listed_in_pages_the_newest_first,
                decisions_of_one_moment_are_neither_lost_nor_repeated,
                decisions_are_filtered_by_each_member,
                decisions_of_long_targets_are_told_apart,
                decisions_of_a_period_begin_at_its_start_and_end_before_its_end,
                decisions_of_another_account_are_not_found,
            }
            idempotency {
                key_claimed_is_pending_and_then_answered,
                key_released_is_fresh_and_one_answered_stays,
                key_released_after_a_write_is_known_to_have_written,
                key_of_a_request_that_is_gone_is_taken_over,
                key_marked_in_a_transaction_that_is_undone_has_not_written,
                key_of_another_caller_or_account_is_another_one,
                key_claimed_by_many_at_once_is_fresh_for_one,
            }
            transaction {
                transaction_dropped_is_undone,
                transaction_open_is_not_seen,
                transaction_waits_for_the_one_before,
                transaction_that_waited_may_be_given_up,
                store_that_is_there_answers_ping,
                store_that_is_there_says_what_time_it_is,
            }
        }
    };
}

/// One module an entity, one test a case.
#[doc(hidden)]
#[macro_export]
macro_rules! storage_contract_cases {
    ($open:path; $($entity:ident { $($case:ident),* $(,)? })*) => {$(
        mod $entity {
            $(
                #[tokio::test]
                async fn $case() {
                    // None where the machine lacks the backend, which `open` has said.
                    let Some(backend) = Into::<Option<$crate::contract::Backend>>::into($open().await) else { return };
                    $crate::contract::$entity::$case(&backend).await;
                }
            )*
        }
    )*};
}
