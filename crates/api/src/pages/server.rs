//! `/catalogue/servers/{slug}`: a server with its tools.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use maud::{Markup, html};
use ostiary_model::catalogue::{CatalogueServer, CatalogueTool};

use super::layout::{Head, beginning, category, code, page, risk, server_path, tool_path, use_policy};
use super::{Page, PageError};
use crate::ops::catalogue::{similar, with_tools};
use crate::state::ApiState;

/// Tokens of the context that costs are compared with.
const CONTEXT: i64 = 200_000;

pub(super) async fn handler(State(state): State<ApiState>, Path(slug): Path<String>) -> Page {
    let server = state.store.get_catalogue_server(&slug).await?.ok_or(PageError::NotFound)?;
    let tools = state.store.list_catalogue_tools(&slug).await?;
    let similar = similar(&*state.store, &slug, &tools).await?;
    let canonical = format!("{}{}", state.public_url(), server_path(&slug));
    let fallback = format!("{}: {} tools, classified, with the policy we recommend.", server.name, tools.len());
    let head = Head {
        title: &server.name,
        description: server.description.as_deref().unwrap_or(&fallback),
        canonical: Some(&canonical),
    };
    Ok(page(&head, &content(&server, &tools, &similar)))
}

fn content(server: &CatalogueServer, tools: &[CatalogueTool], similar: &[CatalogueServer]) -> Markup {
    html! {
        p { a href="/catalogue" { "Catalogue" } " / Servers" }
        h1 { (server.name) }
        @if let Some(text) = &server.description { p class="text" { (text) } }
        (facts(server, tools))
        @if server.scanned_at.is_none() {
            p { "Nobody has read this server’s tools yet, so nothing is said about them here." }
        } @else {
            (tools_of(server, tools))
        }
        @if !similar.is_empty() {
            h2 { "Similar servers" }
            p class="dim" { "With tools of the same names." }
            ul { @for other in similar { li { a href=(server_path(&other.slug)) { (other.name) } @if let Some(text) = &other.description { " " span class="dim" { (beginning(text, 160)) } } } } }
        }
    }
}

fn facts(server: &CatalogueServer, tools: &[CatalogueTool]) -> Markup {
    let tokens: i64 = tools.iter().map(|tool| tool.tokens).sum();
    html! {
        table {
            tr { th scope="row" { "Known as" } td { code { (server.key) } } }
            @if let Some(version) = &server.version { tr { th scope="row" { "Version" } td { (version) } } }
            @if let Some(url) = &server.url { tr { th scope="row" { "Endpoint" } td { code { (url) } } } }
            @if let Some(repository) = &server.repository { tr { th scope="row" { "Source" } td { (repository) } } }
            tr { th scope="row" { "Scanned" } td { @match server.scanned_at { Some(at) => (at.format("%Y-%m-%d")), None => "not scanned" } } }
            @if server.scanned_at.is_some() {
                tr { th scope="row" { "Cost" } td { "about " (tokens) " tokens, " (format!("{:.1}", percent(tokens))) " % of a context of " (CONTEXT) } }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people to read")]
fn percent(tokens: i64) -> f64 {
    tokens as f64 * 100.0 / CONTEXT as f64
}

fn tools_of(server: &CatalogueServer, tools: &[CatalogueTool]) -> Markup {
    let (mut categories, mut risks) = (BTreeMap::new(), BTreeMap::new());
    for tool in tools {
        *categories.entry(tool.category).or_insert(0_usize) += 1;
        *risks.entry(tool.risk).or_insert(0_usize) += 1;
    }
    let seen = with_tools(server.clone(), tools, Vec::new());
    let wrong: Vec<&CatalogueTool> = tools.iter().filter(|tool| !tool.findings.is_empty()).collect();
    html! {
        h2 { (tools.len()) " tools" }
        p { @for (one, count) in &categories { span class="count" { (count) " " (category(*one)) } " " } br; @for (one, count) in &risks { span class="count" { (count) " " (risk(*one)) } " " } }
        h2 { "Findings" }
        @if wrong.is_empty() && seen.findings.is_empty() { p { "None." } }
        ul {
            @for finding in &seen.findings { li { b { (finding.code.replace('_', " ")) } " in all definitions together: " (finding.message) } }
            @for tool in wrong { li { a href=(tool_path(&server.slug, &tool.name)) { code { (tool.name) } } @for code in &tool.findings { " " span class="badge wrong" { (code.replace('_', " ")) } } } }
        }
        h2 { "All tools" }
        table class="tools" role="table" {
            thead role="rowgroup" { tr role="row" { @for name in ["Tool", "Category", "Risk"] { th role="columnheader" { (name) } } } }
            tbody role="rowgroup" { @for tool in tools { tr role="row" {
                td role="cell" { a href=(tool_path(&server.slug, &tool.name)) { code { (tool.name) } } }
                td role="cell" { (category(tool.category)) }
                td role="cell" { (risk(tool.risk)) }
            } } }
        }
        h2 { "Recommended policy for the whole server" }
        (code("policy.json", &format!("{:#}", seen.recommended_policy.document)))
        (use_policy(&server.slug, None))
    }
}
