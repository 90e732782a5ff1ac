//! Decides lines one after the other, as the gateway would decide calls.

use chrono::{DateTime, Utc};
use ostiary_admission::plan::take;
use ostiary_admission::{CallEnd, Identity, release_for};
use ostiary_counters::{MemoryCounters, Release, Reservation};
use ostiary_policy::{
    Arguments, Call, Category, ClientFacts, Denial, DenialCode, Evaluation, GrantFacts, Inventory, Program,
    RulePointer, ToolFacts,
};
use serde::Serialize;

use super::line::{Facts, Line, LineError, Subject};

/// The account of every line; one is enough, for a line cannot name another.
const ACCOUNT: [u8; 16] = [0; 16];

/// Longer than any call: leases end when the line says so, never by themselves.
const LEASE_MS: u64 = 100 * 366 * 86_400_000;

/// A policy, its counters and its clock.
#[derive(Debug)]
pub(super) struct Run {
    program: Program,
    inventory: Option<Inventory>,
    /// What every tool is where there is no inventory.
    any_tool: ToolFacts,
    counters: MemoryCounters,
    /// `None` until a line is decided, which may be of any time.
    now: Option<DateTime<Utc>>,
    in_flight: Vec<InFlight>,
}

/// A call that has not ended yet.
#[derive(Debug)]
struct InFlight {
    ends_at: DateTime<Utc>,
    reservation: Reservation,
    release: Release,
}

/// One line of the output.
#[derive(Debug, Serialize)]
pub(super) struct Decided {
    pub(super) outcome: &'static str,
    /// `None` where the call passes.
    pub(super) code: Option<&'static str>,
    pub(super) rule: Option<RulePointer>,
    pub(super) message: Option<String>,
    pub(super) retry_after_ms: Option<u64>,
}

impl Decided {
    fn denied(outcome: &'static str, denial: Denial) -> Self {
        Decided {
            outcome,
            code: Some(denial.code.as_str()),
            rule: denial.rule,
            message: Some(denial.message),
            retry_after_ms: denial.retry_after_ms,
        }
    }
}

impl Run {
    pub(super) fn new(program: Program, inventory: Option<Inventory>) -> Self {
        Run {
            program,
            inventory,
            any_tool: ToolFacts::new(Category::Other),
            counters: MemoryCounters::new(),
            now: None,
            in_flight: Vec::new(),
        }
    }

    pub(super) fn decide(&mut self, line: &[u8]) -> Decided {
        let invalid = |reason: &str| Decided {
            outcome: "denied",
            code: Some("invalid_call"),
            rule: None,
            message: Some(reason.to_owned()),
            retry_after_ms: None,
        };
        let line = match Line::read(line) {
            Ok(line) => line,
            Err(LineError::Invalid(reason)) => return invalid(reason),
            Err(LineError::Ambiguous) => return Decided::denied("denied", Denial::ambiguous()),
        };
        let at = line.facts.at.or(self.now).unwrap_or(DateTime::UNIX_EPOCH);
        if self.now.is_some_and(|now| at < now) {
            return invalid("`at` goes back");
        }
        if line.facts.ends_at.is_some_and(|ends_at| ends_at < at) {
            return invalid("`ends_at` is before the call");
        }
        self.now = Some(at);
        self.end_calls(at);
        match self.admit(&line, at) {
            Ok(()) => Decided { outcome: "allowed", code: None, rule: None, message: None, retry_after_ms: None },
            Err(denial) if line.facts.is_shadow => Decided::denied("shadow_denied", denial),
            Err(denial) if denial.code == DenialCode::ApprovalRequired => Decided::denied("held", denial),
            Err(denial) => Decided::denied("denied", denial),
        }
    }

    /// What has ended by now gives back what it may; an interval does not contain its end.
    fn end_calls(&mut self, now: DateTime<Utc>) {
        self.in_flight.sort_by_key(|call| call.ends_at);
        for call in self.in_flight.extract_if(.., |call| call.ends_at <= now) {
            self.counters.release(&call.reservation, call.release);
        }
    }

    fn admit(&mut self, line: &Line<'_>, now: DateTime<Utc>) -> Result<(), Denial> {
        let proceed = match self.evaluate(line, now) {
            Evaluation::Denied(denial) => return Err(denial),
            Evaluation::Proceed(proceed) => proceed,
        };
        let facts = &line.facts;
        if let Some(need) = proceed.approval.filter(|_| !facts.is_approved) {
            return Err(need.denial());
        }
        let plan = proceed.limits?;
        if plan.is_empty() {
            return Ok(());
        }
        if facts.are_counters_down {
            return Err(Denial::limits_unavailable());
        }
        let reservation = take(&self.counters, &plan, &identity(facts), now.timestamp_millis(), LEASE_MS)?;
        let release = release_for(facts.upstream.unwrap_or(CallEnd::Other));
        match facts.ends_at {
            Some(ends_at) if ends_at > now => self.in_flight.push(InFlight { ends_at, reservation, release }),
            _ => drop(self.counters.release(&reservation, release)),
        }
        Ok(())
    }

    fn evaluate(&self, line: &Line<'_>, now: DateTime<Utc>) -> Evaluation {
        let facts = &line.facts;
        let mut call = match &line.subject {
            Subject::Tool(name) => {
                let tool = match &self.inventory {
                    Some(inventory) => inventory.get(name),
                    None => Some(&self.any_tool),
                };
                Call::tool(name, tool, Arguments::Absent, now)
            }
            Subject::Resource(uri) => Call::resource(uri, now),
            Subject::Prompt(name) => Call::prompt(name, now),
        };
        call.arguments = match line.arguments {
            _ if line.is_ambiguous => Arguments::Ambiguous,
            Some(text) => Arguments::Json(text),
            None => Arguments::Absent,
        };
        let grant = &facts.grant;
        call.grant =
            GrantFacts { id: grant.id.as_deref(), label: grant.label.as_deref(), metadata: grant.metadata.as_ref() };
        call.client = ClientFacts { name: facts.client.name.as_deref(), version: facts.client.version.as_deref() };
        call.server_slug = facts.server.as_deref();
        self.program.evaluate(&call)
    }
}

/// Absent ids are one fixed id each.
fn identity(facts: &Facts) -> Identity<'_> {
    Identity {
        account: &ACCOUNT,
        session: facts.session.as_deref().map(str::as_bytes),
        grant: facts.grant.id.as_deref().unwrap_or_default().as_bytes(),
        policy: facts.policy.as_deref().unwrap_or_default().as_bytes(),
        server: facts.server.as_deref().unwrap_or_default().as_bytes(),
    }
}
