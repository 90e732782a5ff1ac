//! `/catalogue/servers/{slug}/tools/{tool}`: what a tool does, and the rule for it.

use axum::extract::{Path, State};
use maud::{Markup, html};
use ostiary_model::catalogue::{CatalogueServer, CatalogueTool, CatalogueTotals};
use ostiary_risk::{Definition, classify};
use serde_json::Value;

use super::layout::{Head, category, code, page, risk, server_path, tool_path, use_policy};
use super::totals::{self, Totals};
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
        "{name} is {} with {} risk: {}. The policy we recommend, and how to limit or block it.",
        question::with_article(tool.category),
        tool.risk,
        question::meaning(tool.category)
    );
    let head = Head { title: &title, description: &description, canonical: Some(&canonical) };
    let totals = Totals::of(&state).await?;
    Ok(page(&head, &content(&server, tool, &tools, totals)))
}

fn content(server: &CatalogueServer, tool: &CatalogueTool, tools: &[CatalogueTool], totals: CatalogueTotals) -> Markup {
    let definition = Definition::from_json(&server.name, &tool.definition);
    let seen = classify(&definition);
    let findings = inspect(&server.name, &tool.definition);
    let document = ostiary_risk::recommended_policy([(tool.name.as_str(), risk_category(tool.category))]);
    let properties = definition.input_schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    // Those that do the same kind of thing first.
    let mut related: Vec<&CatalogueTool> = tools.iter().filter(|other| other.name != tool.name).collect();
    related.sort_by_key(|other| other.category != tool.category);
    html! {
        nav aria-label="Path" { a href="/catalogue" { "Catalogue" } " / " a href=(server_path(&server.slug)) { (server.name) } }
        h1 { code { (tool.name) } }
        p { (category(tool.category)) " " (risk(tool.risk)) " " span class="dim" { (format!("{:.0}", seen.confidence * 100.0)) " % sure" } }
        h2 { "What " code { (tool.name) } " does" }
        p class="text" { (definition.description.unwrap_or("The server gives no description.")) }
        p { (question::used_for(tool.category, &server.name)) }
        h2 { "Why " code { (tool.name) } " needs a policy" }
        p { "It is categorised as " (tool.category.as_str()) ", which means that " (question::meaning(tool.category)) ". " (question::advice(tool.category)) }
        @if !seen.evidence.is_empty() {
            p { "From the tool’s definition:" }
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
                    td class="kind" { (schema.get("type").and_then(Value::as_str).unwrap_or("any")) }
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
            li { "Add this policy: start from it here, or paste it." }
            li { "Point your MCP client (Claude, Cursor, anything) at your gateway URL." }
        }
        (use_policy(&server.slug, Some(&tool.name)))
        (questions(server, tool))
        @if !related.is_empty() {
            h2 { "Related tools" }
            ul { @for other in related.iter().take(RELATED) { li { a href=(tool_path(&server.slug, &other.name)) { code { (other.name) } } " " (risk(other.risk)) } } }
        }
        h2 { "Enforce a policy on every call of " (server.name) }
        p { "Its page has one for all of its " (tools.len()) " tools: " a href=(server_path(&server.slug)) { (server.name) } ". More about " (category(tool.category)) " tools, and about " a href="/catalogue/patterns" { "attack patterns" } "." }
        (totals::line(totals))
    }
}

fn questions(server: &CatalogueServer, tool: &CatalogueTool) -> Markup {
    let name = tool.name.as_str();
    let description = tool.definition.get("description").and_then(Value::as_str);
    html! {
        h2 { "Questions about " code { (name) } }
        h3 { "What does the " code { (name) } " tool do?" }
        p class="text" { @if let Some(text) = description { (text) @if !text.trim_end().ends_with(['.', '!', '?']) { "." } " " } "It is categorised as " (question::with_article(tool.category)) " of " (server.name) ", which means that " (question::meaning(tool.category)) ". " (question::advice(tool.category)) }
        h3 { "How do I enforce a policy on " code { (name) } "?" }
        p { "Register " (server.name) " in Ostiary and add a rule for " code { (name) } ": allow, deny, limit or require approval. Point your MCP client at the gateway URL, and the rule is enforced on every call before it reaches the server." }
        h3 { "What risk level is " code { (name) } "?" }
        p { code { (name) } " is " (question::with_article(tool.category)) " with " (tool.risk.as_str()) " risk. " (question::advice(tool.category)) }
        h3 { "Can I rate-limit " code { (name) } "?" }
        p { "Yes: a " code { "rate_limit" } " of " code { "max" } " calls in a " code { "window" } " of seconds, here 10 calls in any minute. The calls of each grant are counted by themselves, and a call is let through again as soon as the window has room." }
        (code("policy.json", &format!("{:#}", question::rate_limited(name))))
        h3 { "How do I block " code { (name) } " completely?" }
        p { "With " code { "action: deny" } ". The agent is told the " code { "reason" } " and cannot call the tool; with " code { "hide" } " it does not even see it." }
        (code("policy.json", &format!("{:#}", question::blocked(name))))
        h3 { "What MCP server provides " code { (name) } "?" }
        p { code { (name) } " is provided by " a href=(server_path(&server.slug)) { (server.name) } " (" code { (server.key) } @if let Some(repository) = &server.repository { ", from " (repository) } "). Ostiary stands in front of it and decides every call." }
    }
}
