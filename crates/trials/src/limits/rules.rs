//! The limits of the trial: every window and scope, each with what counts for it.

use std::time::Duration;

use serde_json::{Value, json};

/// How long a call of the tool that is bounded at once takes.
pub(super) const HOLD: Duration = Duration::from_millis(200);

/// The servers, each with its own policy of the same text.
pub(super) const SERVERS: [&str; 2] = ["shop", "desk"];

pub(super) const TOOLS: [&str; 10] =
    ["second", "minute", "hour", "seven", "day", "month", "spend", "share_one", "share_two", "hold"];

/// Most calls of `hold` at once: for the two servers together.
const AT_ONCE: u64 = 4;

/// Whose call it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) connection: u64,
    pub(super) grant: usize,
    pub(super) server: usize,
}

impl Who {
    /// Connections have the two grants and the two servers in turns; each has a session of its own.
    pub(super) const fn of(connection: u64) -> Self {
        Self { connection, grant: connection as usize % 2, server: connection as usize / 2 % 2 }
    }
}

/// The tool and the amount of a call, by its number: always the same.
pub(super) const fn call(number: u64) -> (usize, u64) {
    // Steps that have no divisor in common with the sizes: neighbours differ.
    ((number.wrapping_mul(7) % TOOLS.len() as u64) as usize, (number.wrapping_mul(37) % 200 + 1) * 10_000)
}

/// Whose calls are added up.
#[derive(Clone, Copy, Debug)]
enum Scope {
    Session,
    Grant,
    /// Of a server, which has one policy here.
    Policy,
    Server,
    Account,
}

/// One limit, as it is watched from outside.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) name: &'static str,
    pub(super) max_micros: u64,
    tools: &'static [&'static str],
    scope: Scope,
    window: Duration,
    by_amount: bool,
}

impl Watched {
    /// What a call adds to the counter; none when it does not count.
    pub(super) fn charge(&self, _who: Who, tool: usize, micros: u64) -> Option<u64> {
        let name = TOOLS.get(tool)?;
        self.tools.contains(name).then_some(if self.by_amount { micros } else { 1_000_000 })
    }

    /// The bucket of a call.
    pub(super) const fn group(&self, who: Who) -> u64 {
        match self.scope {
            Scope::Session => who.connection,
            // Beside its scope, a counter belongs to a server, unless its scope is the account.
            Scope::Grant => who.grant as u64 * 2 + who.server as u64,
            Scope::Policy | Scope::Server => who.server as u64,
            Scope::Account => 0,
        }
    }

    pub(super) fn window_us(&self) -> u64 {
        u64::try_from(self.window.as_micros()).unwrap_or(u64::MAX)
    }
}

/// The limits, made to be met by so many calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    calls: u64,
}

const SECOND: Duration = Duration::from_secs(1);

impl Rules {
    pub(super) const fn of(calls: u64) -> Self {
        Self { calls }
    }

    /// A third of what is asked of one tool in all.
    const fn third(self) -> u64 {
        self.calls / TOOLS.len() as u64 / 3
    }

    const fn per_second() -> u64 {
        5
    }

    const fn per_seven() -> u64 {
        10
    }

    const fn spend(self) -> u64 {
        self.third() / 5
    }

    /// The policy of a server.
    pub(super) fn document(self, slug: &str) -> Value {
        let third = self.third();
        let shared = json!([{"counter": "budget", "window": "hour", "max": third, "scope": "policy"}]);
        json!({
            "version": "1", "default": "deny", "description": format!("The limits of {slug}."),
            "tools": {
                "second": {"limits": [
                    {"counter": "second", "window": "second", "max": Self::per_second(), "scope": "grant"}]},
                "minute": {"limits": [{"counter": "minute", "window": "minute", "max": third / 2, "scope": "policy"}]},
                "hour": {"limits": [{"counter": "hour", "window": "hour", "max": third, "scope": "account"}]},
                "seven": {"limits": [{"counter": "seven", "window": 7, "max": Self::per_seven(), "scope": "session"}]},
                "day": {"limits": [
                    {"counter": "day", "window": "day", "max": third, "scope": "server", "align": "calendar"}]},
                "month": {"limits": [{"counter": "month", "window": "month", "max": third / 4, "scope": "grant"}]},
                "spend": {"limits": [
                    {"counter": "spend", "window": "day", "max": self.spend(), "scope": "grant", "amount": "args.amount"}]},
                "share_*": {"limits": shared},
                "hold": {"limits": [{"counter": "hold", "concurrent": AT_ONCE, "scope": "account"}]},
            },
        })
    }

    /// The limits as they are watched. A calendar window of a day is longer than the trial: should it turn meanwhile,
    /// more is admitted, and the trial says so although nothing is wrong.
    pub(super) fn watched(self) -> Vec<Watched> {
        let third = self.third();
        let watched = |name, tools, scope, window, max: u64| Watched {
            name,
            max_micros: max * 1_000_000,
            tools,
            scope,
            window,
            by_amount: false,
        };
        let day = SECOND * 86_400;
        vec![
            watched("a second, by grant", &["second"], Scope::Grant, SECOND, Self::per_second()),
            watched("a minute, by policy", &["minute"], Scope::Policy, SECOND * 60, third / 2),
            watched("an hour, by account", &["hour"], Scope::Account, SECOND * 3_600, third),
            watched("7 seconds, by session", &["seven"], Scope::Session, SECOND * 7, Self::per_seven()),
            watched("a calendar day, by server", &["day"], Scope::Server, day, third),
            watched("a month, by grant", &["month"], Scope::Grant, day * 31, third / 4),
            Watched {
                by_amount: true,
                ..watched("an amount in a day, by grant", &["spend"], Scope::Grant, day, self.spend())
            },
            watched("an hour, two tools, by policy", &["share_one", "share_two"], Scope::Policy, SECOND * 3_600, third),
        ]
    }

    /// Tools of which only so many calls may be in flight.
    pub(super) const fn at_once(self) -> [(&'static str, u64); 1] {
        [("hold", AT_ONCE)]
    }
}
