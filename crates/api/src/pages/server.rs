//! `/catalogue/servers/{slug}`: a server with its tools.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use maud::{Markup, html};
use ostiary_model::catalogue::{CatalogueServer, CatalogueTool};

use super::layout::{Head, category, code, page, risk, server_path, tool_path};
use super::{Page, PageError};
use crate::ops::classify::risk_category;
use crate::state::ApiState;

pub(super) async fn handler(State(state): State<ApiState>, Path(slug): Path<String>) -> Page {
    let server = state.store.get_catalogue_server(&slug).await?.ok_or(PageError::NotFound)?;
    let tools = state.store.list_catalogue_tools(&slug).await?;
    let canonical = format!("{}{}", state.public_url(), server_path(&slug));
    let fallback = format!("{}: {} tools, classified, with the policy we recommend.", server.name, tools.len());
    let head = Head {
        title: &server.name,
        description: server.description.as_deref().unwrap_or(&fallback),
        canonical: Some(&canonical),
    };
    Ok(page(&head, &content(&server, &tools)))
}

fn content(server: &CatalogueServer, tools: &[CatalogueTool]) -> Markup {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tool in tools {
        *counts.entry(tool.category.as_str()).or_default() += 1;
    }
    let tokens: i64 = tools.iter().map(|tool| tool.tokens).sum();
    let document =
        ostiary_risk::recommended_policy(tools.iter().map(|tool| (tool.name.as_str(), risk_category(tool.category))));
    html! {
        h1 { (server.name) }
        @if let Some(text) = &server.description { p { (text) } }
        table {
            tr { th { "Known as" } td { code { (server.key) } } }
            @if let Some(version) = &server.version { tr { th { "Version" } td { (version) } } }
            @if let Some(repository) = &server.repository { tr { th { "Source" } td { (repository) } } }
            tr { th { "Scanned" } td { @match server.scanned_at { Some(at) => (at.format("%Y-%m-%d")), None => "not scanned" } } }
            @if server.scanned_at.is_some() { tr { th { "Cost" } td { "about " (tokens) " tokens of a model’s context" } } }
        }
        @if server.scanned_at.is_none() {
            p { "Nobody has read this server’s tools yet, so nothing is said about them here." }
        } @else {
            h2 { (tools.len()) " tools" }
            p { @for (name, count) in &counts { span class="badge" { (count) " " (name) } " " } }
            div class="scroll" { table {
                thead { tr { th { "Tool" } th { "Category" } th { "Risk" } } }
                tbody { @for tool in tools { tr {
                    td { a href=(tool_path(&server.slug, &tool.name)) { code { (tool.name) } } }
                    td { (category(tool.category)) }
                    td { (risk(tool.risk)) }
                } } }
            } }
            h2 { "Recommended policy for the whole server" }
            (code("policy.json", &format!("{document:#}")))
            p { a class="button" href="/sign-up" { "Use this policy" } }
        }
    }
}
