//! Category, risk and recommended policy of tools, in one place.
//!
//! What a server claims of its tools by annotations is all that is looked at. A claim of harm is
//! believed, a claim of harmlessness only where nothing else speaks against it.

use ostiary_model::Tool;
use ostiary_model::tool::{Category, Risk};
use serde_json::{Value, json};

/// What kind of thing a tool does, and how much harm it can do.
#[must_use]
pub fn classify(definition: &Value) -> (Category, Risk) {
    let hint = |name: &str| definition.pointer(&format!("/annotations/{name}")).and_then(Value::as_bool);
    let category = match (hint("readOnlyHint"), hint("destructiveHint")) {
        (_, Some(true)) => Category::Destructive,
        (Some(true), _) => Category::Read,
        (Some(false), _) => Category::Write,
        (None, _) => Category::Other,
    };
    (category, category.risk())
}

/// A policy to begin with, for one tool; everything else is denied by it.
#[must_use]
pub fn recommended(tool: &Tool) -> Value {
    let rule = match tool.category {
        Category::Read => json!({}),
        Category::Other => json!({"limits": [limit(&tool.name, 60)]}),
        Category::Write => json!({"limits": [limit(&tool.name, 30)]}),
        Category::Execute => json!({"validate_arguments": true, "limits": [limit(&tool.name, 10)]}),
        Category::Destructive => json!({"action": "hide"}),
        Category::Financial => json!({"action": "require_approval"}),
    };
    let name = tool.name.as_str();
    json!({"version": "1", "default": "deny", "tools": {name: rule}})
}

/// So many calls a minute for each grant.
fn limit(tool: &str, max: u32) -> Value {
    // Names of counters have fewer characters to choose from than names of tools.
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let stem: String = tool.chars().map(|c| if is_allowed(c) { c } else { '_' }).take(59).collect();
    json!({"counter": format!("{stem}_rate"), "window": "minute", "max": max, "scope": "grant"})
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use ostiary_model::ServerId;

    use super::*;

    #[test]
    fn classify_believes_claims_of_harm_before_claims_of_harmlessness() {
        for (annotations, expected) in [
            (json!({"readOnlyHint": true}), Category::Read),
            (json!({"readOnlyHint": true, "destructiveHint": true}), Category::Destructive),
            (json!({"readOnlyHint": false}), Category::Write),
            (json!({"readOnlyHint": "yes"}), Category::Other),
            (Value::Null, Category::Other),
        ] {
            assert_eq!(classify(&json!({"name": "x", "annotations": annotations})).0, expected);
        }
    }

    #[test]
    fn recommended_policy_of_every_category_is_valid() {
        for category in Category::ALL {
            let now = DateTime::<Utc>::default();
            let tool = Tool {
                server_id: ServerId::generate(),
                name: "búsqueda avanzada/".repeat(8),
                definition: json!({}),
                fingerprint: [0; 32],
                accepted_fingerprint: [0; 32],
                category: *category,
                risk: category.risk(),
                first_seen_at: now,
                last_seen_at: now,
            };
            let document = recommended(&tool).to_string();
            assert!(ostiary_policy::parse(&document).is_ok(), "{document}: {:?}", ostiary_policy::parse(&document));
        }
    }
}
