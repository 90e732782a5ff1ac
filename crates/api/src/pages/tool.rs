//! `/catalogue/servers/{slug}/tools/{tool}`: what a tool does, and the rule for it.

use axum::extract::{Path, State};
use maud::{Markup, html};
use ostiary_model::catalogue::{CatalogueServer, CatalogueTool};
use ostiary_risk::{Definition, classify};
use serde_json::Value;

use super::layout::{Head, category, code, page, risk, server_path, tool_path};
use super::{Page, PageError, pattern, question};
use crate::ops::catalogue::inspect;
use crate::ops::classify::risk_category;
use crate::state::ApiState;

/// Other tools of the server that are shown.
const RELATED: usize = 8;

pub(super) async fn handler(State(state): State<ApiState>, Path((slug, name)): Path<(String, String)>) -> Page {
    let server = state.store.get_catalogue_server(&slug).await?.ok_or(PageError::NotFound)?;
    let tools = state.store.list_catalogue_tools(&slug).await?;
    let tool = tools.iter().find(|tool| tool.name == name).ok_or(PageError::NotFound)?;
    let canonical = format!("{}{}", state.public_url(), tool_path(&slug, &name));
    let title = format!("{name} of {}", server.name);
    let description = format!(
        "{name} is a {} tool with {} risk: {}. The policy we recommend, and how to limit or block it.",
        tool.category,
        tool.risk,
        question::meaning(tool.category)
    );
    let head = Head { title: &title, description: &description, canonical: Some(&canonical) };
    Ok(page(&head, &content(&server, tool, &tools)))
}

fn content(server: &CatalogueServer, tool: &CatalogueTool, tools: &[CatalogueTool]) -> Markup {
    let definition = Definition::from_json(&server.name, &tool.definition);
    let seen = classify(&definition);
    let findings = inspect(&server.name, &tool.definition);
    let document = ostiary_risk::recommended_policy([(tool.name.as_str(), risk_category(tool.category))]);
    let properties = definition.input_schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let same = tools.iter().filter(|other| other.name != tool.name && other.category == tool.category);
    html! {
        p { a href="/catalogue" { "Catalogue" } " / " a href=(server_path(&server.slug)) { (server.name) } }
        h1 { code { (tool.name) } }
        p { (category(tool.category)) " " (risk(tool.risk)) " " span class="dim" { (format!("{:.0}", seen.confidence * 100.0)) " % sure" } }
        h2 { "What " code { (tool.name) } " does" }
        p { (definition.description.unwrap_or("The server gives no description.")) }
        h2 { "Why it needs a rule" }
        p { "It is categorised as " (tool.category.as_str()) ": " (question::meaning(tool.category)) "." }
        @if !seen.evidence.is_empty() {
            ul { @for one in &seen.evidence { li { (one.place) ": " q { (one.words) } " speaks for " (one.category.as_str()) } } }
        }
        @if !seen.signals.is_empty() {
            p { "Signals: " @for signal in &seen.signals { span class="badge" { (signal.as_str().replace('_', " ")) } " " } }
        }
        @if !findings.is_empty() {
            h2 { "Findings" }
            ul { @for finding in &findings { li { b { (finding.code.as_str().replace('_', " ")) } " in " (finding.place) ": " (finding.message) } } }
        }
        @if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
            h2 { "Parameters" }
            div class="scroll" { table {
                thead { tr { th { "Name" } th { "Type" } th { "Meaning" } } }
                tbody { @for (name, schema) in properties { tr {
                    td { code { (name) } }
                    td { (schema.get("type").and_then(Value::as_str).unwrap_or("any")) }
                    td { (schema.get("description").and_then(Value::as_str).unwrap_or_default()) }
                } } }
            } }
        }
        h2 { "Attack patterns that abuse such access" }
        ul { @for pattern in pattern::of(tool.category) { li { a href=(pattern.path()) { (pattern.name) } ": " (pattern.what) } } }
        h2 { "How to control " code { (tool.name) } }
        p { "This is the rule we recommend. " (question::reason(tool.category)) }
        (code("policy.json", &format!("{document:#}")))
        ol {
            li { "Create an account and register " (server.name) ". Nothing to install." }
            li { "Add this policy: paste it, or start from it on the tool’s page." }
            li { "Point your MCP client (Claude, Cursor, anything) at your gateway URL." }
        }
        p { a class="button" href="/sign-up" { "Use this policy" } }
        (questions(server, tool))
        @if same.clone().next().is_some() {
            h2 { "Related tools" }
            ul { @for other in same.take(RELATED) { li { a href=(tool_path(&server.slug, &other.name)) { code { (other.name) } } } } }
        }
    }
}

fn questions(server: &CatalogueServer, tool: &CatalogueTool) -> Markup {
    let name = tool.name.as_str();
    html! {
        h2 { "Questions about " code { (name) } }
        h3 { "What does the " code { (name) } " tool do?" }
        p { "It is categorised as a " (tool.category.as_str()) " tool of " (server.name) ", which means that " (question::meaning(tool.category)) "." }
        h3 { "How do I enforce a policy on " code { (name) } "?" }
        p { "Register " (server.name) " in Ostiary and add a rule for " code { (name) } ": allow, deny, limit or require approval. Point your MCP client at the gateway URL, and the rule is enforced on every call before it reaches the server." }
        h3 { "What risk level is " code { (name) } "?" }
        p { (tool.risk.as_str()) ". " (question::reason(tool.category)) }
        h3 { "Can I rate-limit " code { (name) } "?" }
        p { "Yes: a " code { "rate_limit" } " of " code { "max" } " calls in a " code { "window" } " of seconds. It counts each grant’s calls by themselves and never lets more through in any such interval." }
        (code("policy.json", &format!("{:#}", question::rate_limited(name))))
        h3 { "How do I block " code { (name) } " completely?" }
        p { "With " code { "action: deny" } ". The agent is told the " code { "reason" } " and cannot call the tool; with " code { "hide" } " it does not even see it." }
        (code("policy.json", &format!("{:#}", question::blocked(name))))
        h3 { "What MCP server provides " code { (name) } "?" }
        p { code { (name) } " is provided by " a href=(server_path(&server.slug)) { (server.name) } " (" code { (server.key) } "). Ostiary stands in front of it and decides every call." }
    }
}
