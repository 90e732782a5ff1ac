//! Whether a call was decided by a state that was in force while it was under way.

/// One change, which the API acknowledged. Times are microseconds since the trial began.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Before it was asked for.
    pub begun_us: u64,
    /// After it was acknowledged.
    pub acknowledged_us: u64,
}

/// One call, and what its answer says of the state that decided it. States are numbered: 0 is the one before any change.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Before it was sent.
    pub started_us: u64,
    /// After its answer was there.
    pub ended_us: u64,
    /// What decided it.
    pub observed: Observed,
}

/// What an answer says of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// It was this one.
    State(u64),
    /// It was one whose number, divided by the second, leaves the first.
    Kind(u64, u64),
    /// It was none of those.
    NotKind(u64, u64),
    /// There is no such answer in any state.
    Odd(String),
}

impl Observed {
    fn may_be(&self, state: u64) -> bool {
        match self {
            Self::State(number) => *number == state,
            Self::Kind(rest, divisor) => state % divisor == *rest,
            Self::NotKind(rest, divisor) => state % divisor != *rest,
            Self::Odd(_) => false,
        }
    }
}

/// How many calls were looked at.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// In all.
    pub calls: u64,
    /// Those that lay within one state, from an acknowledgement to the beginning of the next change.
    pub within_one: u64,
    /// Each call that was decided by a state that was not in force.
    pub wrong: Vec<String>,
}

impl Judged {
    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.within_one += other.within_one;
        self.wrong.extend(other.wrong);
    }
}

/// Judges all calls of one line of changes, which were made one after another.
#[must_use]
pub fn judge(line: &str, changes: &[Change], seen: &[Seen]) -> Judged {
    let mut judged = Judged { calls: seen.len() as u64, ..Judged::default() };
    for call in seen {
        // What was acknowledged before it started is the oldest that may have decided it; what was begun before it
        // ended, the newest.
        let oldest = changes.partition_point(|change| change.acknowledged_us <= call.started_us) as u64;
        let newest = changes.partition_point(|change| change.begun_us < call.ended_us) as u64;
        judged.within_one += u64::from(oldest == newest);
        if !(oldest..=newest).any(|state| call.observed.may_be(state)) {
            judged.wrong.push(format!(
                "{line}: a call from {} to {} µs, between state {oldest} and {newest}, was decided by {:?}",
                call.started_us, call.ended_us, call.observed
            ));
        }
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(started_us: u64, ended_us: u64, observed: Observed) -> usize {
        let change = |at| Change { begun_us: at, acknowledged_us: at + 10 };
        judge("line", &[change(100), change(200)], &[Seen { started_us, ended_us, observed }]).wrong.len()
    }

    #[test]
    fn call_after_an_acknowledgement_is_wrong_in_an_older_state() {
        assert_eq!(wrong(110, 120, Observed::State(0)), 1);
        assert_eq!(wrong(110, 120, Observed::State(1)), 0);
        assert_eq!(wrong(110, 120, Observed::State(2)), 1, "nobody has asked for that yet");
    }

    #[test]
    fn call_during_a_change_may_see_either_side() {
        for state in [0, 1] {
            assert_eq!(wrong(105, 108, Observed::State(state)), 0);
        }
        for state in [0, 1, 2] {
            assert_eq!(wrong(90, 205, Observed::State(state)), 0);
        }
        assert_eq!(wrong(215, 220, Observed::Kind(1, 2)), 1);
        assert_eq!(wrong(215, 220, Observed::NotKind(1, 2)), 0);
    }
}
