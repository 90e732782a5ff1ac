//! The short forms of the trials: the same code as `cargo xtask trial NAME`, and nothing in them measured by a clock.

use std::path::Path;

use ostiary_trials::{catalogue, cost, faults, freshness, kill, leaks, limits, noisy, rolling, scale};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_never_exceeded_by_many_connections_at_several_gateways() {
    let figures = limits::run(Path::new(PROGRAM), limits::Size::short()).await.unwrap();
    figures.inspect(ostiary_trials::Figures::assert_held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_in_force_at_every_gateway_when_they_are_acknowledged() {
    let figures = freshness::run(Path::new(PROGRAM), freshness::Size::short()).await.unwrap();
    figures.inspect(ostiary_trials::Figures::assert_held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_in_the_log_once_whatever_is_killed() {
    let figures = kill::run(Path::new(PROGRAM), kill::Size::short()).await.unwrap();
    figures.inspect(ostiary_trials::Figures::assert_held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_in_the_log_once_when_the_only_process_is_killed() {
    kill::run_embedded(Path::new(PROGRAM), kill::Size::short()).await.unwrap().assert_held();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_redis_and_the_database_are_answered_as_documented_and_recovered_from() {
    let figures = faults::run(Path::new(PROGRAM), faults::Size::short()).await.unwrap();
    figures.inspect(ostiary_trials::Figures::assert_held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_that_floods_is_refused_and_keeps_no_other_from_calling() {
    let figures = noisy::run(Path::new(PROGRAM), noisy::Size::short()).await.unwrap();
    figures.inspect(ostiary_trials::Figures::assert_held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_of_every_process_in_turn_are_noticed_by_nobody() {
    let figures = rolling::run(Path::new(PROGRAM), rolling::Size::short()).await.unwrap();
    figures.inspect(ostiary_trials::Figures::assert_held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_load_leaves_nothing_behind() {
    leaks::run(Path::new(PROGRAM), leaks::Size::short()).await.unwrap().assert_held();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn much_of_everything_is_listed_and_called() {
    let figures = scale::run(Path::new(PROGRAM), scale::Size::short()).await.unwrap();
    figures.inspect(ostiary_trials::Figures::assert_held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cost_of_a_call_is_compared_with_a_plain_proxy() {
    let figures = cost::run(Path::new(PROGRAM), cost::Size::short()).await.unwrap();
    figures.inspect(ostiary_trials::Figures::assert_held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn catalogue_is_imported_again_after_a_kill_and_searched_on_both_databases() {
    catalogue::run(Path::new(PROGRAM), catalogue::Size::short()).await.unwrap().assert_held();
}
