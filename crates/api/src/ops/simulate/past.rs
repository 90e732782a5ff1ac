//! What a policy would have done with the calls of a past period.
//!
//! The log keeps names of arguments and never values, so a call that has arguments is decided
//! only when no rule that applies to it looks at them; otherwise it is undecidable, and counted
//! as such. Counters begin empty at the start of the period; what an undecidable call may have been charged makes
//! calls undecidable that would fit only without it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use ostiary_model::decision::{EndingResult, Outcome};
use ostiary_model::{AccountId, Decision, DecisionId, GrantId, ServerId};
use ostiary_policy::{Arguments, Call, ClientFacts, DenialCode, GrantFacts, Metadata, Program, Subject};
use ostiary_storage::{DecisionFilter, PageRequest};
use serde_json::Value;

use super::counters::Holder;
use super::{Ruling, Terms, Trial};
use crate::dto::simulate::{SimulationChange, SimulationSummary};
use crate::error::ApiError;
use crate::state::ApiState;

/// Most calls of a period that are looked at: the newest.
const MAX_DECISIONS: usize = 10_000;

/// The calls of a server in a period, the oldest first, and whether there were more.
///
/// # Errors
///
/// As the store.
pub async fn decisions(
    state: &ApiState,
    account_id: AccountId,
    server_id: ServerId,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<(Vec<Decision>, bool), ApiError> {
    let filter = DecisionFilter {
        server_id: Some(server_id),
        since: Some(since),
        until: Some(until),
        ..DecisionFilter::default()
    };
    let mut decisions: Vec<Decision> = Vec::new();
    loop {
        let after = decisions.last().map(|last| last.id);
        let page = state.store.list_decisions(account_id, &filter, PageRequest { limit: 200, after }).await?;
        decisions.extend(page.items);
        let is_full = decisions.len() >= MAX_DECISIONS;
        if !page.has_more || is_full {
            decisions.truncate(MAX_DECISIONS);
            decisions.reverse();
            return Ok((decisions, page.has_more));
        }
    }
}

/// Metadata of the grants that called, as it is now.
///
/// # Errors
///
/// As the store.
pub async fn metadata(
    state: &ApiState,
    account_id: AccountId,
    decisions: &[Decision],
) -> Result<HashMap<GrantId, Metadata>, ApiError> {
    let mut all = HashMap::new();
    for decision in decisions {
        if let Entry::Vacant(entry) = all.entry(decision.grant_id) {
            let grant = state.store.get_grant(account_id, decision.grant_id).await?;
            let metadata = grant.and_then(|grant| Metadata::parse(&grant.metadata.to_string()).ok());
            entry.insert(metadata.unwrap_or_else(Metadata::empty));
        }
    }
    Ok(all)
}

/// A policy without its conditions: what it would charge for calls of which the arguments are not known.
#[derive(Debug)]
pub struct Stripped {
    /// The policy without conditions, and with limits that count calls.
    pub program: Program,
    /// Counters that add up arguments.
    pub measured: HashSet<String>,
}

impl Stripped {
    /// Takes the conditions out of a valid document.
    fn of(document: &Value) -> Option<Self> {
        let mut document = document.clone();
        let mut measured = HashSet::new();
        strip(&mut document, &mut measured);
        let program = ostiary_policy::parse(&document.to_string()).ok()?.compile();
        Some(Self { program, measured })
    }
}

fn strip(value: &mut Value, measured: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            for name in ["require", "deny_if", "approve_if"] {
                // A tool may have such a name: what stands there is no list.
                if members.get(name).is_some_and(Value::is_array) {
                    members.remove(name);
                }
            }
            if members.get("validate_arguments").is_some_and(Value::is_boolean) {
                members.remove("validate_arguments");
            }
            if members.get("amount").is_some_and(Value::is_string) {
                members.remove("amount");
                measured.extend(members.get("counter").and_then(Value::as_str).map(str::to_owned));
            }
            members.values_mut().for_each(|member| strip(member, measured));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, measured)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Decides the calls again. `document` is the policy on trial as a value.
#[must_use]
pub fn summarize(
    trial: &mut Trial<'_>,
    document: &Value,
    decisions: &[Decision],
    metadata: &HashMap<GrantId, Metadata>,
    truncated: bool,
) -> SimulationSummary {
    let mut summary = SimulationSummary { total: 0, changed: 0, undecidable: 0, truncated, by: Vec::new() };
    let stripped = Stripped::of(document);
    let mut groups: BTreeMap<Group, (u64, DecisionId)> = BTreeMap::new();
    for decision in decisions {
        let Some(subject) = subject(trial, decision) else { continue };
        summary.total += 1;
        let grant_id = decision.grant_id.to_string();
        // Ambiguous arguments are the same to every policy.
        let is_ambiguous = decision.code.as_deref() == Some(DenialCode::AmbiguousArguments.as_str());
        let call = Call {
            subject,
            arguments: if is_ambiguous { Arguments::Ambiguous } else { Arguments::Absent },
            grant: GrantFacts {
                id: Some(&grant_id),
                label: Some(&decision.grant_label),
                metadata: metadata.get(&decision.grant_id),
            },
            client: ClientFacts { name: decision.client_name.as_deref(), version: decision.client_version.as_deref() },
            server_slug: Some(&decision.server_slug),
            now: decision.time,
        };
        let holder = Holder { grant: &grant_id, session: decision.session.as_deref() };
        let was_unsent = decision.ending.as_ref().is_some_and(|ending| ending.result == EndingResult::Unreachable);
        let has_unknown = !decision.argument_names.is_empty() && !is_ambiguous;
        if has_unknown && looks_at_values(trial, document, &call) {
            summary.undecidable += 1;
            if let Some(stripped) = stripped.as_ref().filter(|_| !was_unsent) {
                trial.pass_over(&call, holder, stripped);
            }
            continue;
        }
        let terms = Terms {
            holder,
            // The log does not say whether a person approved the call; a draft that asks, holds it.
            is_approved: false,
            mode: decision.mode,
            counts: !was_unsent,
        };
        let ruling = trial.decide(&call, terms);
        if !ruling.is_sure {
            summary.undecidable += 1;
            continue;
        }
        if is_changed(decision.outcome, ruling.outcome) {
            summary.changed += 1;
            groups.entry(Group::of(decision.outcome, &ruling)).or_insert((0, decision.id)).0 += 1;
        }
    }
    summary.by = groups.into_iter().map(|(group, (count, example))| group.change(count, example)).collect();
    summary.by.sort_by_key(|change| std::cmp::Reverse(change.count));
    summary
}

fn subject<'a>(trial: &Trial<'a>, decision: &'a Decision) -> Option<Subject<'a>> {
    let target = decision.target.as_deref()?;
    match decision.method.as_str() {
        "tools/call" => Some(Subject::Tool { name: target, facts: trial.inventory.get(target) }),
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => Some(Subject::Resource { uri: target }),
        "prompts/get" => Some(Subject::Prompt { name: target }),
        _ => None,
    }
}

/// Whether a rule that applies to the call, and is not forestalled by an earlier step, looks at values of arguments.
fn looks_at_values(trial: &Trial<'_>, document: &Value, call: &Call<'_>) -> bool {
    let steps = trial.program.explain(call).steps;
    // Steps 1 to 5 look at the name and the inventory only; a call they refuse is refused whatever its arguments are.
    let is_refused_early = steps.iter().any(|step| step.step <= 5 && step.verdict == ostiary_policy::Verdict::Denied);
    if is_refused_early {
        return false;
    }
    let applied = steps.iter().filter(|step| step.step == 1).flat_map(|step| &step.seen);
    let rule_sets: Vec<&Value> = applied.filter_map(|seen| document.pointer(seen.rule.as_str())).collect();
    // As section 2 of the language has it: an explicit `true` wins, then an explicit `false`, then the document's.
    let says =
        |wanted: bool| rule_sets.iter().any(|rules| rules.get("validate_arguments") == Some(&Value::Bool(wanted)));
    let is_default = document.get("validate_arguments") == Some(&Value::Bool(true));
    let validates = says(true) || (is_default && !says(false));
    validates || rule_sets.into_iter().any(mentions_arguments)
}

fn mentions_arguments(value: &Value) -> bool {
    match value {
        Value::String(text) => text == "args" || text.starts_with("args.") || text.starts_with("args["),
        Value::Array(items) => items.iter().any(mentions_arguments),
        Value::Object(members) => members.values().any(mentions_arguments),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether the call would have come out otherwise; whether it was metered makes no difference.
fn is_changed(was: Outcome, would_be: Outcome) -> bool {
    let plain = |outcome| if outcome == Outcome::AllowedUnmetered { Outcome::Allowed } else { outcome };
    plain(was) != plain(would_be)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    from: Outcome,
    to: Outcome,
    code: Option<&'static str>,
    rule: Option<String>,
}

impl Group {
    fn of(from: Outcome, ruling: &Ruling) -> Self {
        let denial = ruling.denial.as_ref();
        Self {
            from,
            to: ruling.outcome,
            code: denial.map(|denial| denial.code.as_str()),
            rule: denial.and_then(|denial| denial.rule.as_ref()).map(|rule| rule.as_str().to_owned()),
        }
    }

    fn change(self, count: u64, example_decision_id: DecisionId) -> SimulationChange {
        let Self { from, to, code, rule } = self;
        SimulationChange { from, to, code: code.map(str::to_owned), rule, count, example_decision_id }
    }
}
