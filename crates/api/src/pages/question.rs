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

/// The category at the beginning of a sentence.
pub(super) fn capital(category: Category) -> String {
    let name = category.as_str();
    let first = name.chars().next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(name.chars().skip(1)).collect()
}

/// The category with its article: `a write tool`.
pub(super) fn with_article(category: Category) -> String {
    let article = if matches!(category, Category::Execute | Category::Other) { "an" } else { "a" };
    let kind = if category == Category::Other { "unclassified" } else { category.as_str() };
    format!("{article} {kind} tool")
}

/// What agents do with a tool of the category, on a server of this name.
pub(super) fn used_for(category: Category, server: &str) -> String {
    match category {
        Category::Read => format!(
            "Agents call it to look things up on {server}, usually before they act. It changes nothing, but what it \
             returns goes into the model’s context."
        ),
        Category::Write => format!(
            "Agents use it to create or update things on {server}, usually after they have gathered context. Every call \
             changes real data."
        ),
        Category::Execute => format!(
            "Agents use it to trigger actions on {server}. What it does depends on the arguments, and its effects often \
             reach beyond the call: builds, notifications, workflows."
        ),
        Category::Destructive => {
            format!("Agents use it to remove or overwrite things on {server}. What is gone does not come back.")
        }
        Category::Financial => {
            format!("Agents use it to move money, or to commit to paying, by way of {server}. Every call may cost.")
        }
        Category::Other => format!("Its definition does not say what agents may expect of it on {server}."),
    }
}

/// What to do about tools of the category.
pub(super) const fn advice(category: Category) -> &'static str {
    match category {
        Category::Read => "List it, and leave the rest of the server denied.",
        Category::Write => "Limit its rate, so that a loop does not become a bulk change.",
        Category::Execute => "Limit its rate, and have its arguments checked.",
        Category::Destructive => "Hide it from agents, or have a person approve each call.",
        Category::Financial => "Have a person approve each call.",
        Category::Other => "Limit its rate until somebody has looked at it.",
    }
}

/// Why a tool of the category gets its rule.
pub(super) const fn reason(category: Category) -> &'static str {
    match category {
        Category::Read => "Listing it is enough. Everything else on the server is denied unless you say otherwise.",
        Category::Write => {
            "It stays usable, but capped: an agent in a loop cannot make hundreds of changes a minute. Everything else on \
             the server is denied unless you say otherwise."
        }
        Category::Execute => {
            "It stays usable, but capped more tightly, and every call is checked against the tool’s own schema. Everything \
             else on the server is denied unless you say otherwise."
        }
        Category::Destructive => {
            "What it does cannot be undone, so agents do not even see it. Everything else on the server is denied unless \
             you say otherwise."
        }
        Category::Financial => {
            "A person approves each call. Everything else on the server is denied unless you say otherwise."
        }
        Category::Other => {
            "A cap until somebody has looked. Everything else on the server is denied unless you say otherwise."
        }
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
