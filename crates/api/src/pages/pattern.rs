//! `/catalogue/patterns`: what is done with tools that nobody controls.

use axum::extract::{Path, State};
use maud::html;
use ostiary_model::tool::Category;

use super::layout::{Head, code, page};
use super::{Page, PageError};
use crate::state::ApiState;

/// An attack, or an accident, that a rule stops.
#[derive(Debug)]
pub(super) struct Pattern {
    slug: &'static str,
    pub(super) name: &'static str,
    /// In one sentence.
    pub(super) what: &'static str,
    happens: &'static str,
    stops: &'static str,
    /// A rule that stops it.
    document: &'static str,
    categories: &'static [Category],
}

impl Pattern {
    pub(super) fn path(&self) -> String {
        format!("/catalogue/patterns/{}", self.slug)
    }
}

const ALL: &[Category] = Category::ALL;
const ACTING: &[Category] = &[Category::Write, Category::Execute, Category::Destructive, Category::Financial];

const PATTERNS: &[Pattern] = &[
    Pattern {
        slug: "runaway-loop",
        name: "Runaway loop",
        what: "An agent repeats a call hundreds of times.",
        happens: "An error that the model takes for a hint, or a goal that is never reached, and the same call is made again and again: orders, mails or charges by the hundred before anybody looks.",
        stops: "A limit on calls in a window, for each grant.",
        document: r#"{"version":"1","default":"deny","tools":{"create_*":{"rate_limit":{"max":30,"window":60}}}}"#,
        categories: ACTING,
    },
    Pattern {
        slug: "destructive-autonomy",
        name: "Destructive autonomy",
        what: "An agent deletes what nobody asked it to delete.",
        happens: "The shortest way to a goal leads over deleting: a table that does not fit, a branch in the way, files that look old. The agent is permitted to, so it does.",
        stops: "Tools that cannot be undone are hidden, or need a person's approval.",
        document: r#"{"version":"1","default":"deny","categories":{"read":{},"destructive":{"action":"require_approval"}}}"#,
        categories: &[Category::Destructive, Category::Execute],
    },
    Pattern {
        slug: "indirect-prompt-injection",
        name: "Indirect prompt injection",
        what: "A text that the agent reads tells it what to do next.",
        happens: "A ticket, a page or a mail holds instructions for models. The agent reads it with one tool and follows it with another.",
        stops: "Few tools for each grant, so that what is read cannot set off what acts; approval for what does.",
        document: r#"{"version":"1","default":"deny","categories":{"read":{},"write":{"action":"require_approval"}}}"#,
        categories: ALL,
    },
    Pattern {
        slug: "tool-poisoning",
        name: "Tool poisoning",
        what: "A tool's description holds instructions for the model that people do not see.",
        happens: "The description asks to read a key and pass it in a harmless-looking parameter, and to keep that from the user. It is in the model's context as soon as the tool is listed.",
        stops: "Only tools that were looked at are listed; findings show what is wrong with a definition.",
        document: r#"{"version":"1","default":"deny","tools":{"get_weather":{"validate_arguments":true}}}"#,
        categories: ALL,
    },
    Pattern {
        slug: "rug-pull",
        name: "Rug pull",
        what: "A tool changes after it was accepted.",
        happens: "A server behaves until it is trusted, and then changes the description or the parameters of a tool. Clients ask nobody again.",
        stops: "A changed tool is quarantined until a person has accepted the change; this is a setting of the server, and the default.",
        document: r#"{"version":"1","default":"deny","validate_arguments":true,"tools":{"get_*":{}}}"#,
        categories: ALL,
    },
    Pattern {
        slug: "shadowing",
        name: "Shadowing",
        what: "One server's tool changes how another server's tool is used.",
        happens: "A description speaks of a tool of another server, and says that its mails have to go to another address; or a tool takes the name of a trusted one.",
        stops: "A grant is bound to the servers it needs, each with a policy of its own.",
        document: r#"{"version":"1","default":"deny","tools":{"send_email":{"require":[{"conditions":[{"path":"args.to","op":"regex","value":"^[^@]+@example\\.com$"}],"on_deny":"Mail to our own domain only."}]}}}"#,
        categories: ALL,
    },
    Pattern {
        slug: "data-exfiltration",
        name: "Data exfiltration",
        what: "What one tool reads leaves through another.",
        happens: "Records are read with every right to do so, and sent in a message, an upload or the query of a URL.",
        stops: "Conditions on where data may go: hosts, addresses, sizes.",
        document: r#"{"version":"1","default":"deny","tools":{"fetch":{"require":[{"conditions":[{"path":"args.url","op":"host_in","value":["*.example.com"]}],"on_deny":"Our own hosts only."}]}}}"#,
        categories: &[Category::Read, Category::Write, Category::Execute],
    },
    Pattern {
        slug: "confused-deputy",
        name: "Confused deputy",
        what: "An agent uses rights that the person behind it does not have.",
        happens: "One credential serves everybody who talks to the agent, so that anybody can have it do what only some may.",
        stops: "A grant for each holder, with facts about them that conditions compare.",
        document: r#"{"version":"1","default":"deny","tools":{"get_account":{"require":[{"conditions":[{"path":"args.account_id","op":"eq","value_path":"grant.metadata.account_id"}]}]}}}"#,
        categories: ACTING,
    },
    Pattern {
        slug: "credential-theft",
        name: "Credential theft",
        what: "A tool is made to give away a key.",
        happens: "A path, an environment variable or a secret store is within reach of a tool, and its content ends up in an answer, a log or a message.",
        stops: "Directories that a path must lie in; the upstream's own credentials never reach the agent.",
        document: r#"{"version":"1","default":"deny","tools":{"read_file":{"require":[{"conditions":[{"path":"args.path","op":"within_path","value":["/srv/docs"]}]}]}}}"#,
        categories: &[Category::Read, Category::Execute, Category::Write],
    },
    Pattern {
        slug: "supply-chain",
        name: "Supply chain",
        what: "The server itself is not what it was.",
        happens: "A package changes hands, a dependency is replaced, a new version brings tools nobody asked for.",
        stops: "Tools are denied unless they are listed, so that what is new stays closed until somebody opens it.",
        document: r#"{"version":"1","default":"deny","tools":{"list_issues":{},"get_issue":{}}}"#,
        categories: ALL,
    },
];

/// The patterns that abuse tools of a category.
pub(super) fn of(category: Category) -> impl Iterator<Item = &'static Pattern> {
    PATTERNS.iter().filter(move |pattern| pattern.categories.contains(&category))
}

/// The paths of all pages.
pub(super) fn paths() -> impl Iterator<Item = String> {
    PATTERNS.iter().map(Pattern::path)
}

pub(super) async fn list(State(state): State<ApiState>) -> Page {
    let content = html! {
        h1 { "Attack patterns" }
        p { "What is done with tools that nobody controls, and the rule that stops it." }
        dl { @for pattern in PATTERNS { dt { a href=(pattern.path()) { (pattern.name) } } dd { (pattern.what) } } }
    };
    let canonical = format!("{}/catalogue/patterns", state.public_url());
    let description = "Attacks on and accidents with MCP tools, and the policy that stops each.";
    Ok(page(&Head { title: "Attack patterns", description, canonical: Some(&canonical) }, &content))
}

pub(super) async fn handler(State(state): State<ApiState>, Path(slug): Path<String>) -> Page {
    let pattern = PATTERNS.iter().find(|pattern| pattern.slug == slug).ok_or(PageError::NotFound)?;
    // A constant that a test has parsed.
    let document = serde_json::from_str::<serde_json::Value>(pattern.document).unwrap_or_default();
    let content = html! {
        p { a href="/catalogue/patterns" { "Attack patterns" } }
        h1 { (pattern.name) }
        p { (pattern.what) }
        h2 { "What happens" }
        p { (pattern.happens) }
        h2 { "Which tools" }
        p { @for category in pattern.categories { (super::layout::category(*category)) " " } }
        h2 { "What stops it" }
        p { (pattern.stops) }
        (code("policy.json", &format!("{document:#}")))
    };
    let canonical = format!("{}{}", state.public_url(), pattern.path());
    Ok(page(&Head { title: pattern.name, description: pattern.what, canonical: Some(&canonical) }, &content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_valid_documents_and_every_category_has_some() {
        for pattern in PATTERNS {
            assert!(
                ostiary_policy::parse(pattern.document).is_ok(),
                "{}: {:?}",
                pattern.slug,
                ostiary_policy::parse(pattern.document)
            );
        }
        assert_eq!(PATTERNS.len(), 10);
        for category in Category::ALL {
            assert!(of(*category).count() >= 5, "{category}");
        }
    }
}
