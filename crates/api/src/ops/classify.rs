//! Category, risk and recommended policy of tools: the answers of `ostiary-risk` in the words of the model.

use ostiary_model::Tool;
use ostiary_model::tool::{Category, Risk};
use ostiary_risk::Definition;
use serde_json::Value;

use crate::dto::tool::{Classification as ClassificationDto, Evidence};

/// What kind of thing a tool does, and how much harm it can do.
#[must_use]
pub fn classify(server: &str, definition: &Value) -> (Category, Risk) {
    let classification = ostiary_risk::classify(&Definition::from_json(server, definition));
    (category(classification.category), risk(classification.risk))
}

/// What a definition says, with its evidence.
#[must_use]
pub fn explain(server: &str, definition: &Value) -> ClassificationDto {
    let found = ostiary_risk::classify(&Definition::from_json(server, definition));
    let evidence = found.evidence.into_iter().map(|evidence| Evidence {
        place: evidence.place,
        words: evidence.words,
        category: category(evidence.category),
    });
    ClassificationDto {
        category: category(found.category),
        risk: risk(found.risk),
        confidence: found.confidence,
        evidence: evidence.collect(),
        signals: found.signals.into_iter().map(|signal| signal.as_str().to_owned()).collect(),
    }
}

/// A policy to begin with, for one tool; everything else is denied by it.
#[must_use]
pub fn recommended(tool: &Tool) -> Value {
    ostiary_risk::recommended_policy([(tool.name.as_str(), risk_category(tool.category()))])
}

/// A policy to begin with, for all tools of a server.
#[must_use]
pub fn recommended_for_all(tools: &[Tool]) -> Value {
    ostiary_risk::recommended_policy(tools.iter().map(|tool| (tool.name.as_str(), risk_category(tool.category()))))
}

/// The category in the words of `ostiary-risk`.
#[must_use]
pub const fn risk_category(category: Category) -> ostiary_risk::Category {
    match category {
        Category::Other => ostiary_risk::Category::Other,
        Category::Read => ostiary_risk::Category::Read,
        Category::Write => ostiary_risk::Category::Write,
        Category::Execute => ostiary_risk::Category::Execute,
        Category::Destructive => ostiary_risk::Category::Destructive,
        Category::Financial => ostiary_risk::Category::Financial,
    }
}

/// The category in the words of the model.
#[must_use]
pub const fn category(category: ostiary_risk::Category) -> Category {
    match category {
        ostiary_risk::Category::Other => Category::Other,
        ostiary_risk::Category::Read => Category::Read,
        ostiary_risk::Category::Write => Category::Write,
        ostiary_risk::Category::Execute => Category::Execute,
        ostiary_risk::Category::Destructive => Category::Destructive,
        ostiary_risk::Category::Financial => Category::Financial,
    }
}

/// The risk in the words of the model.
#[must_use]
pub const fn risk(risk: ostiary_risk::Risk) -> Risk {
    match risk {
        ostiary_risk::Risk::Low => Risk::Low,
        ostiary_risk::Risk::Medium => Risk::Medium,
        ostiary_risk::Risk::High => Risk::High,
        ostiary_risk::Risk::Critical => Risk::Critical,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use ostiary_model::ServerId;
    use serde_json::json;

    use super::*;

    #[test]
    fn classify_of_a_deleting_tool_is_critical_whatever_it_claims() {
        let tool =
            json!({"name": "delete_user", "description": "Delete a user", "annotations": {"readOnlyHint": true}});
        assert_eq!(classify("crm", &tool), (Category::Destructive, Risk::Critical));
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
                computed_category: *category,
                computed_risk: category.risk(),
                overridden: None,
                first_seen_at: now,
                last_seen_at: now,
                gone_at: None,
            };
            let document = recommended(&tool).to_string();
            assert!(ostiary_policy::parse(&document).is_ok(), "{document}: {:?}", ostiary_policy::parse(&document));
        }
    }
}
