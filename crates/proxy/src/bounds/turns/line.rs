//! One account: what it has under way, and what waits.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Bounds, Start};

#[derive(Debug)]
pub(super) struct Line {
    under_way: u32,
    /// When the next start would be due at the account's pace.
    due: Instant,
    /// In the order of their numbers.
    waiting: VecDeque<Waiting>,
    numbers: u64,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    woken: Arc<Notify>,
}

/// When the next request may start.
pub(super) enum Next {
    /// It has started.
    Now,
    At(Instant),
    /// When it is woken: another one is before it, or has its place.
    WhenWoken,
}

impl Line {
    pub(super) const fn new(now: Instant) -> Self {
        Self { under_way: 0, due: now, waiting: VecDeque::new(), numbers: 0 }
    }

    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether nothing is left that would have to be remembered.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.under_way == 0 && self.waiting.is_empty() && self.due <= now
    }

    /// Starts one, if there is a place and it is time.
    pub(super) fn start(&mut self, bounds: Bounds, start: Start) -> Next {
        if self.under_way >= bounds.under_way {
            return Next::WhenWoken;
        }
        let opens = bounds.pace.opens(self.due, start.now);
        if start.is_paced && opens > start.now {
            return Next::At(opens);
        }
        self.count(bounds, start);
        self.under_way += 1;
        Next::Now
    }

    /// Counts what has started, or turned out to be heavier than it said.
    pub(super) fn count(&mut self, bounds: Bounds, Start { weight, is_paced, now }: Start) {
        self.due = match is_paced {
            true => bounds.pace.after(self.due, now, weight),
            false => bounds.pace.after_unheld(self.due, now, weight),
        };
    }

    /// A number in the queue, and by what it is woken; none when `max` wait.
    pub(super) fn queue(&mut self, max: usize) -> Option<(u64, Arc<Notify>)> {
        if self.waiting.len() >= max {
            return None;
        }
        self.numbers += 1;
        let woken = Arc::new(Notify::new());
        self.waiting.push_back(Waiting { number: self.numbers, woken: Arc::clone(&woken) });
        Some((self.numbers, woken))
    }

    /// Starts the one with this number if it is the first, as [`Self::start`] does. The next one looks for itself then.
    pub(super) fn look(&mut self, number: u64, bounds: Bounds, start: Start) -> Next {
        if self.waiting.front().is_none_or(|first| first.number != number) {
            return Next::WhenWoken;
        }
        let next = self.start(bounds, start);
        if matches!(next, Next::Now) {
            self.waiting.pop_front();
            self.wake();
        }
        next
    }

    /// Takes the one with this number out of the queue, if it still waits.
    pub(super) fn give_up(&mut self, number: u64) {
        let Ok(at) = self.waiting.binary_search_by_key(&number, |waiting| waiting.number) else { return };
        self.waiting.remove(at);
        if at == 0 {
            self.wake();
        }
    }

    /// One that was under way has ended; answers whether it was the last.
    pub(super) fn leave(&mut self) -> bool {
        self.under_way = self.under_way.saturating_sub(1);
        self.wake();
        self.under_way == 0
    }

    /// Has the first look whether it is its turn.
    fn wake(&mut self) {
        match self.waiting.front() {
            Some(first) => first.woken.notify_one(),
            // The memory of a long queue is not kept.
            None => self.waiting = VecDeque::new(),
        }
    }
}
