//! `/catalogue/categories/{category}`: what tools of a category do, and the rule for them.

use axum::extract::{Path, State};
use maud::html;
use ostiary_model::tool::Category;
use ostiary_storage::{CatalogueFilter, PageRequest};

use super::index::{LIMIT, hits};
use super::layout::{Head, code, page, risk};
use super::{Page, PageError, pattern, question};
use crate::ops::classify::risk_category;
use crate::state::ApiState;

/// What stands for a tool in the rule that is shown.
const ANY_TOOL: &str = "any_tool";

/// The path of a category's page.
pub(super) fn path(category: Category) -> String {
    format!("/catalogue/categories/{category}")
}

/// `/catalogue/categories`: all of them.
pub(super) async fn list(State(state): State<ApiState>) -> Page {
    let content = html! {
        h1 { "Categories of tools" }
        p { "What a tool is able to do, and how much harm a wrong call can do. Each has a rule that we recommend." }
        dl { @for category in Category::ALL {
            dt { a href=(path(*category)) { (question::capital(*category)) } " " (risk(category.risk())) }
            dd { "What such a tool does: " (question::meaning(*category)) "." }
        } }
    };
    let canonical = format!("{}/catalogue/categories", state.public_url());
    let description = "What MCP tools are able to do, by category, with the risk of each and the rule we recommend.";
    Ok(page(&Head { title: "Categories of MCP tools", description, canonical: Some(&canonical) }, &content))
}

pub(super) async fn handler(State(state): State<ApiState>, Path(name): Path<String>) -> Page {
    let category: Category = name.parse().map_err(|_| PageError::NotFound)?;
    let filter = CatalogueFilter { category: Some(category), ..CatalogueFilter::default() };
    let tools = state.store.search_catalogue_tools(&filter, PageRequest { limit: LIMIT, after: None }).await?;
    let document = ostiary_risk::recommended_policy([(ANY_TOOL, risk_category(category))]);
    let meaning = question::meaning(category);
    let content = html! {
        p { a href="/catalogue" { "Catalogue" } " / " a href="/catalogue/categories" { "Categories" } }
        h1 { (question::capital(category)) " tools" }
        p { (risk(category.risk())) " What such a tool does: " (meaning) "." }
        h2 { "The rule we recommend" }
        p { (question::reason(category)) }
        (code("policy.json", &format!("{document:#}")))
        h2 { "Attack patterns that abuse such access" }
        ul { @for pattern in pattern::of(category) { li { a href=(pattern.path()) { (pattern.name) } ": " (pattern.what) } } }
        h2 { "Tools" }
        (hits(&tools.items))
        @if tools.has_more { p { a href=(format!("/catalogue?category={category}")) { "All of them" } } }
        h2 { "Other categories" }
        p { @for other in Category::ALL.iter().filter(|other| **other != category) { a class="badge" href=(path(*other)) { (other) } " " } }
    };
    let canonical = format!("{}{}", state.public_url(), path(category));
    let title = format!("{} tools of MCP servers", question::capital(category));
    let description = format!("{title}: {meaning}. The attacks that abuse them, and the rule we recommend.");
    Ok(page(&Head { title: &title, description: &description, canonical: Some(&canonical) }, &content))
}
