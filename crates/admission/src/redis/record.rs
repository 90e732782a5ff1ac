//! Records on their way through a stream.
//!
//! The script appends the record as it came, and where the limits refuse the call, what they found. The denial is worked
//! out from that when the record is moved, by the same code that worked it out for the caller.

use std::sync::Arc;

use ostiary_counters::Exceeded;
use ostiary_model::decision::Ending;
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{AccountId, Decision, DecisionId};
use ostiary_policy::{
    CalendarUnit, Charge, Concurrent, Counter, Denial, LimitPlan, PlannedLimit, RulePointer, Scope, Window, WindowName,
};
use redis::Value;
use serde::{Deserialize, Serialize};

use crate::quota::{Quota, Refused};
use crate::redis::value::{list, text};
use crate::{plan, quota, refusal};

/// What the script says when the store keeps no more counters, and when it has lost what was taken in a window that is
/// not over yet.
const UNJUDGED: [&str; 2] = ["full", "lost"];

/// What it says when that is what the plan counts.
const UNJUDGED_QUOTA: &str = "plan";

/// One entry of a stream.
#[derive(Debug)]
pub(super) enum Entry {
    /// A call.
    Decision(Box<Decision>),
    /// How one ended.
    Ending(EndingRecord),
}

/// How a call ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct EndingRecord {
    pub(super) account: AccountId,
    pub(super) id: DecisionId,
    pub(super) ending: Ending,
}

/// What a record needs to be completed when the limits refuse its call.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    on_limits_unavailable: OnLimitsUnavailable,
    /// What the plan of the account counts; its charges are the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
    charges: Vec<(String, u64, u64)>,
    limits: Vec<RefusalLimit>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RefusalLimit {
    charge: usize,
    max: u64,
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_deny: Option<String>,
    window: RefusalWindow,
}

/// The window as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum RefusalWindow {
    Seconds(u64),
    Named(String),
}

/// An entry that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum EntryError {
    #[error("the entry has an unknown form")]
    Form,
    #[error("the entry's text cannot be read")]
    Text(#[from] serde_json::Error),
}

impl Refusal {
    pub(super) fn new(
        quota: Option<Quota>,
        plan: Option<&LimitPlan>,
        on_limits_unavailable: OnLimitsUnavailable,
    ) -> Self {
        let charge = |one: &Charge| (one.counter.name.to_string(), one.count_micros, one.amount_micros);
        let limit = |one: &PlannedLimit| RefusalLimit {
            charge: one.charge,
            max: one.max_micros,
            rule: one.rule.as_str().to_owned(),
            on_deny: one.on_deny.as_deref().map(str::to_owned),
            window: match one.window {
                WindowName::Seconds(seconds) => RefusalWindow::Seconds(seconds),
                WindowName::Named(unit) => RefusalWindow::Named(unit.as_str().to_owned()),
                WindowName::Concurrent(_) => RefusalWindow::Named(CONCURRENT.to_owned()),
            },
        };
        Self {
            on_limits_unavailable,
            quota,
            charges: plan.map(|plan| plan.charges.iter().map(charge).collect()).unwrap_or_default(),
            limits: plan.map(|plan| plan.limits.iter().map(limit).collect()).unwrap_or_default(),
        }
    }

    /// The denial of the findings of the script, and the call's final record.
    fn complete(mut self, mut decision: Decision, findings: &str) -> Result<Decision, EntryError> {
        let (on_limits_unavailable, quota) = (self.on_limits_unavailable, self.quota.take());
        let plan = self.into_plan().ok_or(EntryError::Form)?;
        match refused(quota.as_ref(), Some(&plan), findings).ok_or(EntryError::Form)? {
            Refused::Quota(denial) => refusal::note_quota(&mut decision, &denial),
            Refused::Limits(denial) => refusal::note(&mut decision, &denial, on_limits_unavailable),
        }
        Ok(decision)
    }

    /// As much of the plan as a denial speaks of. Scope and window of the counters are not.
    fn into_plan(self) -> Option<LimitPlan> {
        let charge = |(name, count_micros, amount_micros): (String, u64, u64)| {
            let counter = Counter { name: name.into(), scope: Scope::Grant, window: Window::Concurrent };
            Charge { counter: Arc::new(counter), bounds: None, count_micros, amount_micros }
        };
        let limit = |one: RefusalLimit| {
            Some(PlannedLimit {
                charge: one.charge,
                max_micros: one.max,
                rule: RulePointer::from(one.rule.as_str()),
                on_deny: one.on_deny.map(Arc::from),
                window: match one.window {
                    RefusalWindow::Seconds(seconds) => WindowName::Seconds(seconds),
                    RefusalWindow::Named(name) if name == CONCURRENT => WindowName::Concurrent(Concurrent::Concurrent),
                    RefusalWindow::Named(name) => WindowName::Named(CalendarUnit::parse(&name)?),
                },
            })
        };
        Some(LimitPlan {
            charges: self.charges.into_iter().map(charge).collect(),
            limits: self.limits.into_iter().map(limit).collect::<Option<_>>()?,
        })
    }
}

const CONCURRENT: &str = "concurrent";

/// Whose limits refuse the call by what the script found, and why; none when that cannot be read.
pub(super) fn refused(quota: Option<&Quota>, plan: Option<&LimitPlan>, findings: &str) -> Option<Refused> {
    if findings == UNJUDGED_QUOTA {
        return Some(Refused::Quota(Denial::limits_unavailable()));
    }
    if UNJUDGED.contains(&findings) {
        return Some(Refused::Limits(Denial::limits_unavailable()));
    }
    let exceeded = read_findings(findings)?;
    if let Some(denial) = quota.and_then(|quota| quota.denial(&exceeded)) {
        return Some(Refused::Quota(denial));
    }
    let (plan, exceeded) = (plan?, quota::of_limits(&exceeded, quota.map_or(0, Quota::len)));
    Some(Refused::Limits(plan.denial(&plan::exceeded_limits(plan, &exceeded))))
}

/// Whether what the script found is about the first `quota` charges, which are the plan's.
pub(super) fn is_of_quota(findings: &str, quota: usize) -> bool {
    findings == UNJUDGED_QUOTA
        || read_findings(findings).is_some_and(|exceeded| exceeded.iter().any(|one| one.charge < quota))
}

fn read_findings(findings: &str) -> Option<Vec<Exceeded>> {
    findings.split(',').map(read_exceeded).collect()
}

/// One finding: charge, limit, what was used, after how long it would fit.
pub(super) fn read_exceeded(finding: &str) -> Option<Exceeded> {
    let mut words = finding.split(' ');
    let (charge, limit) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let used_micros = words.next()?.parse().ok()?;
    let retry_after_ms = words.next()?.parse::<i64>().ok()?;
    Some(Exceeded { charge, limit, used_micros, retry_after_ms: u64::try_from(retry_after_ms).ok() })
}

/// Reads the fields of an entry: `d` a record, with `v` and `p` what the limits found and of what plan; `e` an ending.
pub(super) fn read_entry(fields: &[Value]) -> Result<Entry, EntryError> {
    let field = |wanted: &str| {
        let mut pairs = fields.as_chunks::<2>().0.iter();
        pairs.find_map(|[name, value]| (text(name) == Some(wanted)).then(|| text(value))).flatten()
    };
    if let Some(ending) = field("e") {
        return Ok(Entry::Ending(serde_json::from_str(ending)?));
    }
    let refused = match (field("v"), field("p")) {
        (None, None) => None,
        (Some(findings), Some(plan)) => Some((findings, plan)),
        _ => return Err(EntryError::Form),
    };
    let record = Record { decision: field("d").ok_or(EntryError::Form)?, refused };
    Ok(Entry::Decision(Box::new(read_record(record)?)))
}

/// A record as the script took it.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) decision: &'a str,
    /// Where the limits refused the call, what they found, and of what plan.
    pub(super) refused: Option<(&'a str, &'a str)>,
}

/// The record as it is to be stored.
pub(super) fn read_record(record: Record<'_>) -> Result<Decision, EntryError> {
    let decision: Decision = serde_json::from_str(record.decision)?;
    match record.refused {
        None => Ok(decision),
        Some((findings, plan)) => serde_json::from_str::<Refusal>(plan)?.complete(decision, findings),
    }
}

/// The id and the fields of each entry of an answer.
pub(super) fn entries(value: &Value) -> Option<Vec<(&str, &[Value])>> {
    let entry = |value| match list(value)? {
        [id, fields] => Some((text(id)?, list(fields)?)),
        _ => None,
    };
    list(value)?.iter().map(entry).collect()
}
