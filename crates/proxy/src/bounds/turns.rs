//! Turns: when the requests of an account start.
//!
//! What an account has under way is bounded. What it sends beyond that waits, first come, first served, for a bounded time
//! in a queue that is bounded too: somebody who sends as fast as answers come is slowed by waiting, where a refusal at once
//! would only have made it send the next. And while other accounts call, too, an account's requests start at a bounded
//! pace, whatever they would be answered, and large ones at a slower one; an account that is alone has nobody to slow, and
//! is not held up.

mod line;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ostiary_model::AccountId;
use tokio::select;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::bounds::company::Company;
use crate::bounds::pace::Pace;
use crate::bounds::turns::line::{Line, Next};
use crate::config::ProxyConfig;

/// So many bytes of a body cost about as much as a request without one.
const HEAVY: u64 = 64 * 1024;

/// With fewer accounts, it is not worth looking for those that have nothing any more.
const FEW: usize = 1_024;

/// The turns of all accounts.
#[derive(Debug)]
pub(crate) struct Turns {
    bounds: Bounds,
    accounts: Arc<Mutex<Accounts>>,
}

/// A request that is under way; dropping it gives its place to the next.
#[derive(Debug)]
pub(crate) struct Turn {
    account_id: AccountId,
    /// As how many requests it is counted.
    weight: u32,
    bounds: Bounds,
    accounts: Arc<Mutex<Accounts>>,
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    under_way: u32,
    waiting: usize,
    wait: Duration,
    pace: Pace,
}

/// What a start counts as, and when it would be.
#[derive(Clone, Copy, Debug)]
struct Start {
    weight: u32,
    /// Whether others call, too.
    is_paced: bool,
    now: Instant,
}

/// Only accounts that have something under way, wait, or started something within their pace's burst take memory.
#[derive(Debug)]
struct Accounts {
    lines: HashMap<AccountId, Line>,
    company: Company,
    /// With so many, those that have nothing are thrown out.
    tidied_at: usize,
}

/// What a request finds when it comes.
enum Entrance {
    Open,
    Queued { number: u64, woken: Arc<Notify> },
    Full,
}

impl Turns {
    pub(crate) fn new(config: &ProxyConfig) -> Self {
        let bounds = Bounds {
            under_way: config.calls_per_account,
            waiting: usize::try_from(config.calls_waiting_per_account).unwrap_or(usize::MAX),
            wait: config.call_wait,
            pace: Pace::new(config.calls_per_second_per_account),
        };
        let accounts = Accounts { lines: HashMap::new(), company: Company::default(), tidied_at: FEW };
        Self { bounds, accounts: Arc::new(Mutex::new(accounts)) }
    }

    /// Waits for the turn of a request of the account, with a body of so many bytes as far as it says. None when the
    /// account's queue is full, or the time is over.
    ///
    /// Whoever drops the future leaves the queue, and holds nobody up.
    pub(crate) async fn take(&self, account_id: AccountId, body_bytes: u64) -> Option<Turn> {
        let (weight, began) = (weight(body_bytes), Instant::now());
        let entrance = lock(&self.accounts).enter(account_id, weight, self.bounds, began);
        let (number, woken) = match entrance {
            Entrance::Open => return Some(self.turn(account_id, weight)),
            Entrance::Full => return None,
            Entrance::Queued { number, woken } => (number, woken),
        };
        let _place = Place { account_id, number, accounts: &self.accounts };
        let over = began + self.bounds.wait;
        loop {
            let now = Instant::now();
            let next = lock(&self.accounts).look(account_id, number, weight, self.bounds, now);
            let opens = match next {
                Next::Now => return Some(self.turn(account_id, weight)),
                Next::At(opens) => opens.min(over),
                Next::WhenWoken => over,
            };
            if now >= over {
                return None;
            }
            select! {
                () = woken.notified() => {}
                () = sleep_until(opens) => {}
            }
        }
    }

    fn turn(&self, account_id: AccountId, weight: u32) -> Turn {
        Turn { account_id, weight, bounds: self.bounds, accounts: Arc::clone(&self.accounts) }
    }
}

/// As how many requests one counts.
fn weight(body_bytes: u64) -> u32 {
    u32::try_from(body_bytes / HEAVY).unwrap_or(u32::MAX).saturating_add(1)
}

impl Turn {
    /// Counts the body that was read, if the request did not say how large it would be.
    pub(crate) fn read(&mut self, body_bytes: usize) {
        let weight = weight(body_bytes as u64);
        if weight > self.weight {
            lock(&self.accounts).count(self.account_id, weight - self.weight, self.bounds, Instant::now());
            self.weight = weight;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.accounts).leave(self.account_id);
    }
}

/// A place in a queue; dropping it leaves the queue.
struct Place<'a> {
    account_id: AccountId,
    number: u64,
    accounts: &'a Mutex<Accounts>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(line) = lock(self.accounts).lines.get_mut(&self.account_id) {
            line.give_up(self.number);
        }
    }
}

impl Accounts {
    fn enter(&mut self, account_id: AccountId, weight: u32, bounds: Bounds, now: Instant) -> Entrance {
        self.company.note(account_id, now);
        let start = self.start(account_id, weight, now);
        if self.lines.len() >= self.tidied_at {
            self.tidy(now);
        }
        let line = self.lines.entry(account_id).or_insert_with(|| Line::new(now));
        if line.is_empty() && matches!(line.start(bounds, start), Next::Now) {
            return Entrance::Open;
        }
        match line.queue(bounds.waiting) {
            Some((number, woken)) => Entrance::Queued { number, woken },
            None => Entrance::Full,
        }
    }

    /// Whether it is the turn of the one with this number, which starts then.
    fn look(&mut self, account_id: AccountId, number: u64, weight: u32, bounds: Bounds, now: Instant) -> Next {
        let start = self.start(account_id, weight, now);
        match self.lines.get_mut(&account_id) {
            Some(line) => line.look(number, bounds, start),
            None => Next::WhenWoken,
        }
    }

    fn count(&mut self, account_id: AccountId, weight: u32, bounds: Bounds, now: Instant) {
        let start = self.start(account_id, weight, now);
        if let Some(line) = self.lines.get_mut(&account_id) {
            line.count(bounds, start);
        }
    }

    fn start(&self, account_id: AccountId, weight: u32, now: Instant) -> Start {
        Start { weight, is_paced: self.company.has_other_than(account_id, now), now }
    }

    fn leave(&mut self, account_id: AccountId) {
        let Some(line) = self.lines.get_mut(&account_id) else { return };
        if line.leave() && line.is_over(Instant::now()) {
            self.lines.remove(&account_id);
        }
    }

    /// Each time that there are twice as many as were left the last time, which costs each of them the same.
    fn tidy(&mut self, now: Instant) {
        self.lines.retain(|_, line| !line.is_over(now));
        self.lines.shrink_to(self.lines.len() * 2);
        self.tidied_at = (self.lines.len() * 2).max(FEW);
    }
}

fn lock(accounts: &Mutex<Accounts>) -> MutexGuard<'_, Accounts> {
    accounts.lock().unwrap_or_else(PoisonError::into_inner)
}
