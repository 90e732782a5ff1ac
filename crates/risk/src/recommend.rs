//! The recommended rule of a tool and the recommended policy of a server, in the policy language.

use serde_json::{Map, Value, json};

use crate::Category;

/// The longest counter name that the policy language takes, in characters.
const COUNTER_MAX: usize = 64;
/// What every counter's name ends in.
const COUNTER_SUFFIX: &str = "_rate";

/// The rule recommended for a tool of this category: the value of its member in `tools`.
#[must_use]
pub fn recommended_rule(tool: &str, category: Category) -> Value {
    match category {
        Category::Read => json!({}),
        Category::Write => json!({ "limits": [per_minute(tool, 30)] }),
        Category::Execute => json!({ "validate_arguments": true, "limits": [per_minute(tool, 10)] }),
        Category::Destructive => json!({ "action": "hide" }),
        Category::Financial => json!({ "action": "require_approval" }),
        Category::Other => json!({ "limits": [per_minute(tool, 60)] }),
    }
}

/// The document recommended for these tools of one server; everything else on the server is denied.
///
/// A tool whose name holds `*` or `?` gets no rule and stays denied: in a policy its name would be a pattern, and the
/// rule of a harmless tool would open others.
#[must_use]
pub fn recommended_policy<'a>(tools: impl IntoIterator<Item = (&'a str, Category)>) -> Value {
    let rules: Map<String, Value> = tools
        .into_iter()
        // SECURITY: a server chooses its tools' names, and must not choose what the policy allows.
        .filter(|(tool, _)| !tool.is_empty() && !tool.contains(['*', '?']))
        .map(|(tool, category)| (tool.to_owned(), recommended_rule(tool, category)))
        .collect();
    json!({ "version": "1", "default": "deny", "tools": rules })
}

fn per_minute(tool: &str, max: u32) -> Value {
    json!({ "counter": counter(tool), "window": "minute", "max": max, "scope": "grant" })
}

/// The tool's own counter. A name that does not fit the language's counters is cut to what does and told from others
/// by a digest, so that two tools never share a counter by accident.
fn counter(tool: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if tool.len() + COUNTER_SUFFIX.len() <= COUNTER_MAX && !tool.is_empty() && tool.chars().all(fits) {
        return format!("{tool}{COUNTER_SUFFIX}");
    }
    let kept: String = tool.chars().filter(|c| fits(*c)).take(40).collect();
    format!("{kept}-{:016x}{COUNTER_SUFFIX}", fnv1a(tool))
}

/// FNV-1a, 64 bits: stable across builds, and no secret depends on it.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recommended_rule_of_each_category_is_the_table_s() {
        assert_eq!(recommended_rule("t", Category::Read), json!({}));
        assert_eq!(recommended_rule("t", Category::Destructive), json!({ "action": "hide" }));
        assert_eq!(recommended_rule("t", Category::Financial), json!({ "action": "require_approval" }));
        for (category, max) in [(Category::Write, 30), (Category::Execute, 10), (Category::Other, 60)] {
            let rule = recommended_rule("t", category);
            assert_eq!(
                rule.pointer("/limits/0"),
                Some(&json!({ "counter": "t_rate", "window": "minute", "max": max, "scope": "grant" }))
            );
            let validates = rule.get("validate_arguments").is_some();
            assert_eq!(validates, category == Category::Execute);
        }
    }

    #[test]
    fn counter_of_an_odd_name_fits_and_is_its_own() {
        let long = "x".repeat(300);
        let names = ["a b", "a/b", "ferramenta_é", "", "小工具", long.as_str()];
        let counters: Vec<_> = names.into_iter().map(counter).collect();
        for (index, counter) in counters.iter().enumerate() {
            assert!((1..=COUNTER_MAX).contains(&counter.len()), "{counter}");
            assert!(counter.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)), "{counter}");
            assert!(!counters.iter().take(index).any(|other| other == counter), "{counter}");
        }
    }

    #[test]
    fn recommended_policy_of_a_name_that_is_a_pattern_leaves_it_denied() {
        let policy = recommended_policy([("*", Category::Read), ("get_?", Category::Read), ("get", Category::Read)]);
        assert_eq!(policy, json!({ "version": "1", "default": "deny", "tools": { "get": {} } }));
    }
}
