//! One account's calls through a backend.

use std::sync::Arc;

use chrono::DateTime;
use ostiary_model::decision::{Decision, Ending, EndingResult, Outcome};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{AccountId, DecisionId, GrantId, Mode, PolicyId, ServerId};
use ostiary_policy::{
    CalendarUnit, Charge, Concurrent, Counter, Denial, LimitPlan, PlannedLimit, RulePointer, Scope, Window, WindowName,
};

use super::Subject;
use crate::{AdmissionRequest, AdmitOutcome, InFlight, Permit};

/// One account's calls.
#[derive(Debug)]
pub struct Bed<'a> {
    /// The backend.
    pub subject: &'a dyn Subject,
    /// Whose calls.
    pub account_id: AccountId,
    server_id: ServerId,
    grant_id: GrantId,
    policy_id: PolicyId,
}

impl<'a> Bed<'a> {
    /// A new account.
    #[must_use]
    pub fn new(subject: &'a dyn Subject) -> Self {
        Self {
            subject,
            account_id: AccountId::generate(),
            server_id: ServerId::generate(),
            grant_id: GrantId::generate(),
            policy_id: PolicyId::generate(),
        }
    }

    /// The record of a call that the rules allow.
    #[must_use]
    pub fn decision(&self) -> Decision {
        Decision {
            id: DecisionId::generate(),
            time: DateTime::UNIX_EPOCH,
            account_id: self.account_id,
            server_id: self.server_id,
            server_slug: "s".to_owned(),
            grant_id: self.grant_id,
            grant_label: "g".to_owned(),
            session: None,
            client_name: None,
            client_version: None,
            protocol_version: None,
            method: "tools/call".to_owned(),
            target: Some("t \u{1F512} \"quoted\"".to_owned()),
            category: None,
            policy_id: Some(self.policy_id),
            policy_version: Some(1),
            mode: Mode::Enforce,
            outcome: Outcome::Allowed,
            code: None,
            rule: None,
            message: None,
            argument_names: vec!["a".to_owned()],
            argument_hash: None,
            trace_id: None,
            bytes_in: 7,
            gateway_us: 3,
            ending: None,
        }
    }

    /// One attempt, decided at `epoch`.
    pub async fn attempt(&self, epoch: u64, plan: &LimitPlan, decision: Decision) -> AdmitOutcome {
        self.attempt_in(epoch, plan, decision, None).await
    }

    async fn attempt_in(
        &self,
        epoch: u64,
        plan: &LimitPlan,
        decision: Decision,
        session: Option<&[u8]>,
    ) -> AdmitOutcome {
        let request = AdmissionRequest {
            epoch,
            limits: Some(plan),
            plan: None,
            session,
            on_limits_unavailable: OnLimitsUnavailable::Deny,
            decision,
        };
        self.subject.admission().admit(request).await.expect("the backend is there")
    }

    /// As the pipeline does it: reads the epoch, and again when it is told that it was an older one.
    pub async fn admit_record(&self, plan: &LimitPlan, decision: Decision, session: Option<&[u8]>) -> AdmitOutcome {
        for _ in 0..5 {
            let epoch = self.subject.current(self.account_id);
            match self.attempt_in(epoch, plan, decision.clone(), session).await {
                AdmitOutcome::Stale => {}
                outcome => return outcome,
            }
        }
        panic!("stale again and again");
    }

    /// A call that must be admitted, before it is sent.
    pub async fn permit(&self, plan: &LimitPlan) -> Permit {
        match self.admit_record(plan, self.decision(), None).await {
            AdmitOutcome::Admitted(permit) => permit,
            other => panic!("not admitted: {other:?}"),
        }
    }

    /// A call that must be admitted, and is sent.
    pub async fn take(&self, plan: &LimitPlan) -> InFlight {
        self.permit(plan).await.send()
    }

    /// A call that must be refused.
    pub async fn refuse(&self, plan: &LimitPlan) -> Denial {
        match self.admit_record(plan, self.decision(), None).await {
            AdmitOutcome::Denied(denial) => denial,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// A call of a session; whether it is admitted. It stays in flight for ever.
    pub async fn fits_in_session(&self, plan: &LimitPlan, session: &str) -> bool {
        match self.admit_record(plan, self.decision(), Some(session.as_bytes())).await {
            AdmitOutcome::Admitted(permit) => {
                drop(permit.send());
                true
            }
            _ => false,
        }
    }
}

/// A good end.
#[must_use]
pub fn ended() -> Ending {
    Ending { result: EndingResult::Ok, upstream_status: Some(200), bytes_out: 9, upstream_ms: 4 }
}

fn charge(name: &str, scope: Scope, window: Window, amount_micros: u64) -> Charge {
    let counter = Arc::new(Counter { name: name.into(), scope, window });
    Charge { counter, bounds: None, count_micros: 1_000_000, amount_micros }
}

fn limit(charge: usize, max_micros: u64, window: WindowName) -> PlannedLimit {
    let rule = RulePointer::from(format!("/tools/t/limits/{charge}").as_str());
    PlannedLimit { charge, max_micros, rule, on_deny: None, window }
}

/// At most `max` calls a minute on a counter.
#[must_use]
pub fn calls(name: &str, max: u64) -> LimitPlan {
    several(&[(name, max)])
}

/// At most so many calls a minute on each counter.
#[must_use]
pub fn several(counters: &[(&str, u64)]) -> LimitPlan {
    let minute = Window::Sliding { ms: 60_000 };
    LimitPlan {
        charges: counters.iter().map(|(name, _)| charge(name, Scope::Grant, minute.clone(), 0)).collect(),
        limits: (0..).zip(counters).map(|(at, (_, max))| limit(at, max * 1_000_000, WindowName::Seconds(60))).collect(),
    }
}

/// One call and an amount on one counter of a minute, of at most `max_micros`.
#[must_use]
pub fn amount(amount_micros: u64, max_micros: u64) -> LimitPlan {
    let minute = Window::Sliding { ms: 60_000 };
    LimitPlan {
        charges: vec![charge("spent", Scope::Grant, minute, amount_micros)],
        limits: vec![limit(0, max_micros, WindowName::Seconds(60))],
    }
}

/// At most `max` calls a minute of each session.
#[must_use]
pub fn of_session(max: u64) -> LimitPlan {
    let mut plan = calls("session", max);
    plan.charges = vec![charge("session", Scope::Session, Window::Sliding { ms: 60_000 }, 0)];
    plan
}

/// At most `max` calls on a day of the calendar.
#[must_use]
pub fn daily(max: u64) -> LimitPlan {
    let day = Window::Calendar { unit: CalendarUnit::Day, zone: chrono_tz::UTC };
    LimitPlan {
        charges: vec![charge("daily", Scope::Grant, day, 0)],
        limits: vec![limit(0, max * 1_000_000, WindowName::Named(CalendarUnit::Day))],
    }
}

/// At most `max` calls at once.
#[must_use]
pub fn at_once(max: u64) -> LimitPlan {
    LimitPlan {
        charges: vec![charge("flight", Scope::Grant, Window::Concurrent, 0)],
        limits: vec![limit(0, max * 1_000_000, WindowName::Concurrent(Concurrent::Concurrent))],
    }
}
