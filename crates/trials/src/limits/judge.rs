//! Whether more was admitted in one window than its limit allows.
//!
//! A call was admitted at some moment between its start at the agent and its arrival at the upstream. If the calls that
//! began and arrived within one stretch shorter than the window add up to more than the limit, then so do the calls
//! admitted in it, whatever the moments were. What is shifted by delays on the way is no excess, and is not taken for one.

/// One call that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Admitted {
    /// It was admitted after this, in microseconds since the trial began.
    pub after_us: u64,
    /// And before this.
    pub before_us: u64,
    /// What it added to the counter, in millionths.
    pub micros: u64,
}

/// What the arrivals say of one counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The most that surely was admitted in one window, in millionths.
    pub most: u64,
    /// By how much that is above the limit.
    pub over: u64,
}

/// The counters' clock counts whole milliseconds: two calls may be nearer by so much than it says.
const TICK_US: u64 = 1_000;

/// Judges one counter by all calls that it admitted.
pub fn judge(admitted: &mut [Admitted], window_us: u64, max_micros: u64) -> Judged {
    admitted.sort_unstable_by_key(|call| call.after_us);
    let mut most = 0;
    for (index, first) in admitted.iter().enumerate() {
        let end = first.after_us.saturating_add(window_us).saturating_sub(TICK_US);
        let within = admitted.iter().skip(index).take_while(|call| call.after_us < end);
        let sum = within.filter(|call| call.before_us < end).map(|call| call.micros).sum();
        most = most.max(sum);
    }
    Judged { most, over: most.saturating_sub(max_micros) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(times: &[(u64, u64)]) -> Vec<Admitted> {
        times.iter().map(|&(after_us, before_us)| Admitted { after_us, before_us, micros: 1 }).collect()
    }

    #[test]
    fn calls_within_one_window_add_up() {
        let judged =
            judge(&mut calls(&[(0, 10), (5, 900_000), (500_000, 998_999), (998_000, 1_100_000)]), 1_000_000, 2);
        assert_eq!(judged, Judged { most: 3, over: 1 });
    }

    #[test]
    fn calls_that_may_have_been_admitted_apart_are_no_excess() {
        let judged = judge(&mut calls(&[(0, 999_500), (999_000, 999_900), (1_000_000, 1_000_100)]), 1_000_000, 2);
        assert_eq!(judged.over, 0);
    }
}
