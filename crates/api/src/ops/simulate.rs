//! Deciding calls by a policy that may not be in force: nothing is forwarded, recorded or charged.

pub mod counters;
pub mod past;

use chrono::{DateTime, Utc};
use ostiary_model::Mode;
use ostiary_model::decision::Outcome;
use ostiary_policy::{
    Arguments, Call, ClientFacts, Denial, Evaluation, GrantFacts, Inventory, Metadata, Program, Subject,
};

use crate::dto::simulate::{SimulatedCall, SimulatedCallRequest};
use counters::{Counters, Fit, Holder};

/// A policy on trial, with counters that begin empty and live as long as it.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The policy.
    pub program: &'a Program,
    /// The tools of its server.
    pub inventory: &'a Inventory,
    /// The server's slug.
    pub server_slug: &'a str,
    counters: Counters,
}

/// How a call would come out.
#[derive(Debug)]
pub struct Ruling {
    /// What would become of it.
    pub outcome: Outcome,
    /// Why, when it would not simply be allowed.
    pub denial: Option<Denial>,
    /// Whether that is known: otherwise it depends on calls of which nobody can tell whether they were charged.
    pub is_sure: bool,
}

/// What a call is charged to, and how.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Whose counters.
    pub holder: Holder<'a>,
    /// Whether a person has said yes.
    pub is_approved: bool,
    /// Whether denials are enforced.
    pub mode: Mode,
    /// Whether the call counts; one that never reached the server does not.
    pub counts: bool,
}

impl<'a> Trial<'a> {
    /// A trial with empty counters.
    #[must_use]
    pub fn new(program: &'a Program, inventory: &'a Inventory, server_slug: &'a str) -> Self {
        Self { program, inventory, server_slug, counters: Counters::default() }
    }

    /// Decides a call in the order of the gateway: rules, approval, limits.
    pub fn decide(&mut self, call: &Call<'_>, terms: Terms<'_>) -> Ruling {
        let mut is_sure = true;
        let (outcome, denial) = match self.program.evaluate(call) {
            Evaluation::Denied(denial) => (Outcome::Denied, Some(denial)),
            Evaluation::Proceed(proceed) => match proceed.approval.filter(|_| !terms.is_approved) {
                // A held call is not charged; in shadow mode counters take what they would have taken.
                Some(need) => (Outcome::Held, Some(need.denial())),
                None => {
                    let now_ms = call.now.timestamp_millis();
                    match proceed.limits.map(|plan| self.counters.reserve(&plan, now_ms, terms)) {
                        Err(denial) | Ok(Fit::Exceeds(denial)) => (Outcome::Denied, Some(denial)),
                        Ok(fit) => {
                            is_sure = matches!(fit, Fit::Fits);
                            (Outcome::Allowed, None)
                        }
                    }
                }
            },
        };
        let outcome = match (outcome, terms.mode) {
            (Outcome::Denied | Outcome::Held, Mode::Shadow) => Outcome::ShadowDenied,
            (outcome, _) => outcome,
        };
        Ruling { outcome, denial, is_sure }
    }

    /// Takes note of a call that nobody can decide. What it would have been charged at most counts as perhaps charged.
    pub fn pass_over(&mut self, call: &Call<'_>, holder: Holder<'_>, stripped: &past::Stripped) {
        if let Evaluation::Proceed(proceed) = stripped.program.evaluate(call)
            && proceed.approval.is_none()
            && let Ok(plan) = proceed.limits
        {
            let is_measured = |counter: &str| stripped.measured.contains(counter);
            self.counters.suppose(&plan, call.now.timestamp_millis(), holder, is_measured);
        }
    }

    /// Decides a call that somebody made up, and explains each step.
    pub fn call(&mut self, request: &SimulatedCallRequest, now: DateTime<Utc>) -> SimulatedCall {
        let grant = request.grant.as_ref();
        let metadata = grant.and_then(|grant| grant.metadata.as_deref()).and_then(|text| Metadata::parse(text).ok());
        let client = request.client.as_ref();
        let call = Call {
            subject: self.subject(request),
            arguments: request.arguments.as_deref().map_or(Arguments::Absent, Arguments::Json),
            grant: GrantFacts {
                id: grant.and_then(|grant| grant.id.as_deref()),
                label: grant.and_then(|grant| grant.label.as_deref()),
                metadata: metadata.as_ref(),
            },
            client: ClientFacts {
                name: client.and_then(|client| client.name.as_deref()),
                version: client.and_then(|client| client.version.as_deref()),
            },
            server_slug: Some(self.server_slug),
            now: request.at.unwrap_or(now),
        };
        let terms = Terms {
            holder: Holder { grant: call.grant.id.unwrap_or_default(), session: None },
            is_approved: request.approved.unwrap_or_default(),
            mode: request.mode.unwrap_or(Mode::Enforce),
            counts: true,
        };
        let steps = serde_json::to_value(self.program.explain(&call).steps);
        let ruling = self.decide(&call, terms);
        let denial = ruling.denial.as_ref();
        SimulatedCall {
            outcome: ruling.outcome,
            code: denial.map(|denial| denial.code.as_str().to_owned()),
            rule: denial.and_then(|denial| denial.rule.as_ref()).map(|rule| rule.as_str().to_owned()),
            message: denial.map(|denial| denial.message.clone()),
            retry_after_ms: denial.and_then(|denial| denial.retry_after_ms),
            steps: match steps {
                Ok(serde_json::Value::Array(steps)) => steps,
                _ => Vec::new(),
            },
        }
    }

    fn subject<'b>(&self, request: &'b SimulatedCallRequest) -> Subject<'b>
    where
        'a: 'b,
    {
        match (&request.tool, &request.resource, &request.prompt) {
            (Some(name), _, _) => Subject::Tool { name, facts: self.inventory.get(name) },
            (None, Some(uri), _) => Subject::Resource { uri },
            (None, None, prompt) => Subject::Prompt { name: prompt.as_deref().unwrap_or_default() },
        }
    }
}
