use tokio::task::JoinHandle;
use tokio::time::{advance, sleep, timeout};

use super::*;

const TICK: Duration = Duration::from_millis(1);

/// Two under way, three waiting, for a second; a hundred a second beside others, ten of them at once.
fn turns() -> Arc<Turns> {
    bounded(2, 3, 100)
}

fn bounded(under_way: u32, waiting: u32, per_second: u32) -> Arc<Turns> {
    Arc::new(Turns::new(&ProxyConfig {
        calls_per_account: under_way,
        calls_waiting_per_account: waiting,
        call_wait: Duration::from_secs(1),
        calls_per_second_per_account: per_second,
        ..ProxyConfig::default()
    }))
}

/// A request that waits, in a task of its own; it is in its queue when this returns.
async fn waiting(turns: &Arc<Turns>, account: AccountId) -> JoinHandle<Option<Turn>> {
    let turns = Arc::clone(turns);
    let task = tokio::spawn(async move { turns.take(account, 0).await });
    sleep(TICK).await;
    task
}

async fn started(task: JoinHandle<Option<Turn>>) -> Turn {
    task.await.expect("task").expect("turn")
}

/// Whether a turn is to be had without waiting.
async fn at_once(turns: &Turns, account: AccountId) -> Option<Turn> {
    timeout(Duration::ZERO, turns.take(account, 0)).await.ok().flatten()
}

#[tokio::test(start_paused = true)]
async fn turns_below_the_bound_are_had_at_once_and_leave_no_memory() {
    let (turns, account) = (turns(), AccountId::generate());
    let first = at_once(&turns, account).await.expect("first");
    let second = at_once(&turns, account).await.expect("second");
    assert!(at_once(&turns, account).await.is_none());
    assert!(at_once(&turns, AccountId::generate()).await.is_some(), "another account is not concerned");
    sleep(Duration::from_millis(20)).await;
    drop((first, second));
    lock(&turns.accounts).tidy(Instant::now());
    assert!(lock(&turns.accounts).lines.is_empty());
}

#[tokio::test(start_paused = true)]
async fn turns_given_back_go_to_the_first_that_waits() {
    let (turns, account) = (turns(), AccountId::generate());
    let held = [at_once(&turns, account).await, at_once(&turns, account).await];
    let [first, second] = [waiting(&turns, account).await, waiting(&turns, account).await];
    let [one, _other] = held;
    drop(one);
    let _first = started(first).await;
    sleep(TICK).await;
    assert!(!second.is_finished(), "one place was given back");
    assert!(at_once(&turns, account).await.is_none(), "nobody overtakes");
    drop(_first);
    started(second).await;
}

#[tokio::test(start_paused = true)]
async fn turns_of_a_full_queue_are_refused_at_once_and_of_a_late_one_after_its_wait() {
    let (turns, account) = (turns(), AccountId::generate());
    let _held = [at_once(&turns, account).await, at_once(&turns, account).await];
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..3 {
        tasks.push(waiting(&turns, account).await);
    }
    let before = Instant::now();
    assert!(turns.take(account, 0).await.is_none(), "the queue is full");
    assert_eq!(Instant::now(), before);
    for task in tasks {
        assert!(task.await.expect("task").is_none());
    }
    let waited = began.elapsed();
    assert!(waited >= Duration::from_secs(1) && waited < Duration::from_millis(1_010), "{waited:?}");
    assert!(lock(&turns.accounts).lines[&account].is_empty());
}

#[tokio::test(start_paused = true)]
async fn turns_of_those_who_left_hold_nobody_up() {
    let (turns, account) = (turns(), AccountId::generate());
    let held = [at_once(&turns, account).await, at_once(&turns, account).await];
    let [first, second, third] =
        [waiting(&turns, account).await, waiting(&turns, account).await, waiting(&turns, account).await];
    second.abort();
    first.abort();
    sleep(TICK).await;
    let fourth = waiting(&turns, account).await;
    drop(held);
    let _both = [started(third).await, started(fourth).await];
    assert!(lock(&turns.accounts).lines[&account].is_empty());
    assert!(at_once(&turns, account).await.is_none(), "two are under way, and no more");
}

#[tokio::test(start_paused = true)]
async fn turn_of_one_who_was_woken_and_left_goes_to_the_next() {
    let (turns, account) = (bounded(1, 3, 100), AccountId::generate());
    let held = at_once(&turns, account).await;
    let [first, second] = [waiting(&turns, account).await, waiting(&turns, account).await];
    drop(held);
    // Woken, and gone before it ran.
    first.abort();
    started(second).await;
}

#[tokio::test(start_paused = true)]
async fn turns_of_an_account_alone_are_not_paced() {
    let (turns, account) = (turns(), AccountId::generate());
    let began = Instant::now();
    for _ in 0..10_000 {
        turns.take(account, 0).await.expect("turn");
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn turns_beside_another_account_come_at_the_pace_until_it_is_quiet() {
    let (turns, noisy, quiet) = (turns(), AccountId::generate(), AccountId::generate());
    for _ in 0..1_000 {
        turns.take(noisy, 0).await.expect("alone");
    }
    turns.take(quiet, 0).await.expect("the other");
    let began = Instant::now();
    for _ in 0..50 {
        turns.take(noisy, 0).await.expect("paced");
    }
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(480) && took <= Duration::from_millis(520), "{took:?}");
    let unheld = Instant::now();
    turns.take(quiet, 0).await.expect("the other");
    assert_eq!(unheld.elapsed(), Duration::ZERO, "who is not noisy does not wait");
    advance(Duration::from_secs(1)).await;
    let began = Instant::now();
    for _ in 0..1_000 {
        turns.take(noisy, 0).await.expect("alone again");
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn turns_of_large_bodies_come_at_a_slower_pace_whether_they_say_so_or_not() {
    for says_so in [true, false] {
        let (turns, noisy, quiet) = (bounded(10, 3, 100), AccountId::generate(), AccountId::generate());
        turns.take(quiet, 0).await.expect("the other");
        let began = Instant::now();
        let mut held = Vec::new();
        for _ in 0..5 {
            let bytes = 4 * HEAVY + 1;
            let mut turn = turns.take(noisy, if says_so { bytes } else { 0 }).await.expect("turn");
            turn.read(bytes as usize);
            held.push(turn);
        }
        // Each counts as five: three within the burst, then one in a twentieth of a second.
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(99) && took <= Duration::from_millis(110), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn turns_that_wait_for_the_pace_come_in_their_order_within_the_same_queue() {
    let (turns, noisy, quiet) = (bounded(1_000, 40, 100), AccountId::generate(), AccountId::generate());
    turns.take(quiet, 0).await.expect("the other");
    let began = Instant::now();
    let (mut tasks, order) = (Vec::new(), Arc::new(Mutex::new(Vec::new())));
    for number in 0..60 {
        let (turns, order) = (Arc::clone(&turns), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            let turn = turns.take(noisy, 0).await;
            if turn.is_some() {
                order.lock().expect("order").push(number);
            }
            turn
        }));
    }
    let mut held = Vec::new();
    for task in tasks {
        held.extend(task.await.expect("task"));
    }
    // Eleven at once, forty in the queue; none of them has ended.
    assert_eq!(held.len(), 51);
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(390) && took <= Duration::from_millis(450), "{took:?}");
    assert_eq!(*order.lock().expect("order"), (0..51).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn turns_of_many_accounts_that_came_and_went_take_no_memory() {
    let turns = turns();
    for _ in 0..5 * FEW {
        turns.take(AccountId::generate(), 0).await.expect("turn");
        advance(Duration::from_millis(10)).await;
    }
    assert!(lock(&turns.accounts).lines.len() <= FEW);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn turns_among_threads_never_are_more_than_the_bound() {
    let (turns, account) = (bounded(3, 100, 1_000_000), AccountId::generate());
    let under_way = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let mut tasks = Vec::new();
    for number in 0_u32..100 {
        let (turns, under_way) = (Arc::clone(&turns), Arc::clone(&under_way));
        tasks.push(tokio::spawn(async move {
            for _ in 0..50 {
                let turn = turns.take(account, 0).await.expect("turn");
                let now = under_way.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
                assert!(now <= 3, "{now} at once");
                if number % 3 == 0 {
                    tokio::task::yield_now().await;
                }
                under_way.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                drop(turn);
            }
        }));
    }
    for task in tasks {
        task.await.expect("task");
    }
}
