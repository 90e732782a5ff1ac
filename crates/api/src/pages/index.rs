//! `/catalogue`: search for servers and tools.

use axum::extract::{Query, State};
use maud::{Markup, html};
use ostiary_model::catalogue::CatalogueHit;
use ostiary_model::tool::Category;
use ostiary_storage::{CatalogueFilter, PageRequest};
use serde::Deserialize;

use super::Page;
use super::category::path as category_path;
use super::layout::{Head, beginning, category, page, risk, server_path, tool_path};
use super::totals::{self, Totals};
use crate::state::ApiState;

/// Rows of a list.
pub(super) const LIMIT: u32 = 50;

/// What is searched for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    q: String,
    category: String,
    /// `any`: only tools with something wrong in their definitions.
    finding: String,
    /// The last position of the page before.
    after: Option<i64>,
}

pub(super) async fn handler(State(state): State<ApiState>, Query(search): Query<Search>) -> Page {
    let words = vec![search.q.clone()];
    let wanted = search.category.parse::<Category>().ok();
    let filter = CatalogueFilter { words: words.clone(), category: wanted, has_findings: search.finding == "any" };
    let tools = state.store.search_catalogue_tools(&filter, PageRequest { limit: LIMIT, after: search.after }).await?;
    let servers = if search.after.is_none() && wanted.is_none() && !filter.has_findings {
        state.store.list_catalogue_servers(&words, PageRequest { limit: 20, after: None }).await?.items
    } else {
        Vec::new()
    };
    let totals = Totals::of(&state).await?;
    let last = tools.items.last().filter(|_| tools.has_more).map(|hit| hit.position);
    let content = html! {
        h1 { "MCP servers and their tools" }
        p { "What each tool is able to do, how much harm a wrong call can do, and the rule we recommend for it." }
        search {
            form method="get" action="/catalogue" {
                input type="search" name="q" aria-label="Search" placeholder="Search tools and servers" value=(search.q);
                select name="category" aria-label="Category" {
                    option value="" { "All categories" }
                    @for one in Category::ALL { option value=(one.as_str()) selected[wanted == Some(*one)] { (one.as_str()) } }
                }
                label class="check" { input type="checkbox" name="finding" value="any" checked[filter.has_findings]; "with findings" }
                button type="submit" { "Search" }
            }
        }
        (totals::line(totals))
        nav aria-label="Categories" { @for one in Category::ALL { a class="badge" href=(category_path(*one)) { (one) } " " } }
        @if !servers.is_empty() {
            h2 { "Servers" }
            ul {
                @for server in &servers {
                    li { a href=(server_path(&server.slug)) { (server.name) } @if let Some(text) = &server.description { " " span class="dim" { (text) } } }
                }
            }
        }
        h2 { "Tools" }
        @if tools.items.is_empty() { (nothing(&search)) }
        @else {
            (hits(&tools.items))
            @if let Some(after) = last {
                form method="get" action="/catalogue" {
                    input type="hidden" name="q" value=(search.q);
                    input type="hidden" name="category" value=(search.category);
                    input type="hidden" name="finding" value=(search.finding);
                    input type="hidden" name="after" value=(after);
                    button type="submit" { "More" }
                }
            }
        }
    };
    let canonical = format!("{}/catalogue", state.public_url());
    let head = Head {
        title: "Catalogue of MCP servers",
        description: "MCP servers and their tools, classified by what they are able to do, each with the policy we recommend.",
        canonical: Some(&canonical),
    };
    Ok(page(&head, &content))
}

/// What to do about a search that found nothing.
fn nothing(search: &Search) -> Markup {
    let is_narrowed = !search.category.is_empty() || !search.finding.is_empty();
    html! {
        p { "No tool matches." }
        @if !search.q.is_empty() { p { "Try fewer words, or only how a word begins." } }
        @if is_narrowed || !search.q.is_empty() { p { a href="/catalogue" { "Show everything" } } }
    }
}

/// Tools in a table; where there is little room, its rows are one below the other. The roles are said because that way of
/// laying out takes them from a table.
pub(super) fn hits(tools: &[CatalogueHit]) -> Markup {
    html! {
        table class="tools" role="table" {
            thead role="rowgroup" { tr role="row" { @for name in ["Tool", "Server", "Category", "Risk"] { th role="columnheader" { (name) } } } }
            tbody role="rowgroup" { @for hit in tools { tr role="row" {
                td role="cell" {
                    a href=(tool_path(&hit.server_slug, &hit.name)) { code { (hit.name) } }
                    @for finding in &hit.findings { " " span class="badge wrong" { (finding.replace('_', " ")) } }
                    br; span class="dim" { (beginning(&hit.description, 160)) }
                }
                td role="cell" { a href=(server_path(&hit.server_slug)) { (hit.server_name) } }
                td role="cell" { (category(hit.category)) }
                td role="cell" { (risk(hit.risk)) }
            } } }
        }
    }
}
