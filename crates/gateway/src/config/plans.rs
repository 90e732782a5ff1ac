//! The plans of accounts.

use figment::Figment;
use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Value};
use ostiary_model::{Plan, PlanLimits, PlanName, Plans};

use super::read::{Reader, number, text};

/// The most calls that can be counted exactly.
const MOST_CALLS: u64 = 9_000_000_000;

/// None: something is wrong.
pub(super) fn read(reader: &mut Reader) -> Option<Plans> {
    let default = reader.required("accounts.default_plan", |value| name(&text(value)?));
    let all = reader.optional("plans", plans)?.unwrap_or_default();
    let default = default?;
    if let Ok(plans) = Plans::new(all, &default) {
        return Some(plans);
    }
    reader.problem("accounts.default_plan", format!("there is no plan `{default}`: describe it in [plans.{default}]"));
    None
}

/// Tables of a file, or one text with the same in TOML.
fn plans(value: &Value) -> Result<Vec<Plan>, String> {
    match value {
        Value::Dict(_, plans) => plans.iter().map(|(name, value)| plan(name, value)).collect(),
        other => {
            let figment = Figment::from(Toml::string(&format!("plans = {}", text(other)?)));
            let found = figment.find_value("plans").map_err(|error| format!("is no TOML: {}", error.kind))?;
            match found {
                Value::Dict(..) => plans(&found),
                _ => Err("must be a table of plans, such as { team = { servers = 10 } }".to_owned()),
            }
        }
    }
}

fn name(text: &str) -> Result<PlanName, String> {
    PlanName::parse(text).map_err(|error| format!("`{text}` is no name of a plan: {error}"))
}

fn plan(called: &str, value: &Value) -> Result<Plan, String> {
    let Value::Dict(_, members) = value else { return Err(format!("{called}: must be a table of limits")) };
    let mut plan = Plan::unlimited(name(called)?);
    for (member, value) in members {
        set(&mut plan, member, value).map_err(|message| format!("{called}.{member}: {message}"))?;
    }
    Ok(plan)
}

fn set(plan: &mut Plan, member: &str, value: &Value) -> Result<(), String> {
    let PlanLimits { servers, grants, members, calls_a_month, calls_at_once, retention_days } = &mut plan.limits;
    match member {
        "servers" => *servers = Some(number(value, 0, 1_000_000)?),
        "grants" => *grants = Some(number(value, 0, 10_000_000)?),
        // The owner is one.
        "members" => *members = Some(number(value, 1, 1_000_000)?),
        "calls_a_month" => *calls_a_month = Some(number(value, 0, MOST_CALLS)?),
        "calls_at_once" => *calls_at_once = Some(number(value, 0, 1_000_000)?),
        "retention_days" => *retention_days = Some(number(value, 1, 36_500)?),
        "self_service" => {
            plan.is_self_service = text(value)?.parse().map_err(|_| "must be `true` or `false`".to_owned())?;
        }
        _ => return Err("there is no such limit".to_owned()),
    }
    Ok(())
}

/// Plans as one text, for people to read.
pub(super) fn shown(plans: &Dict) -> String {
    let member = |(name, value): (&String, &Value)| match value {
        Value::Dict(_, members) => format!("{name} = {}", shown(members)),
        other => format!("{name} = {}", text(other).unwrap_or_default()),
    };
    format!("{{ {} }}", plans.iter().map(member).collect::<Vec<_>>().join(", "))
}
