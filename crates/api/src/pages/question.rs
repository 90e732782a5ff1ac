//! The questions people ask of a tool, answered in the syntax that works here.

use ostiary_model::tool::Category;
use serde_json::{Value, json};

/// What a category means, for an answer.
pub(super) const fn meaning(category: Category) -> &'static str {
    match category {
        Category::Read => "it retrieves and changes nothing",
        Category::Write => "it can create or change data",
        Category::Execute => "it can trigger actions or run processes, and its effect depends on its arguments",
        Category::Destructive => "it deletes or overwrites, and cannot be undone",
        Category::Financial => "it moves money or commits to pay",
        Category::Other => "nothing in its definition says what it does",
    }
}

/// Why a tool of the category gets its rule.
pub(super) const fn reason(category: Category) -> &'static str {
    match category {
        Category::Read => "Listing it is enough. Everything else on the server is denied unless you say otherwise.",
        Category::Write => "It stays usable, but capped: an agent in a loop cannot make hundreds of changes a minute.",
        Category::Execute => {
            "It stays usable, but capped more tightly, and every call is checked against the tool’s own schema."
        }
        Category::Destructive => "What it does cannot be undone, so agents do not see it unless you say otherwise.",
        Category::Financial => "A person approves each call.",
        Category::Other => "A cap until somebody has looked.",
    }
}

/// A document with a limit of one's own.
pub(super) fn rate_limited(tool: &str) -> Value {
    json!({ "version": "1", "default": "deny", "tools": { tool: { "rate_limit": { "max": 10, "window": 60 } } } })
}

/// A document that refuses the tool, and says why.
pub(super) fn blocked(tool: &str) -> Value {
    json!({
        "version": "1",
        "default": "deny",
        "tools": { tool: { "action": "deny", "reason": "Ask the owner of this account before using it." } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_are_shown_are_valid() {
        for tool in ["create_session", "búsqueda/avanzada", "a b"] {
            for category in ostiary_risk::Category::ALL {
                let shown = [rate_limited(tool), blocked(tool), ostiary_risk::recommended_policy([(tool, category)])];
                for document in shown {
                    let text = document.to_string();
                    assert!(ostiary_policy::parse(&text).is_ok(), "{text}");
                }
            }
        }
    }
}
