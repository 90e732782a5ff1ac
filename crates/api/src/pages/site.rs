//! What robots read: the sitemap and `robots.txt`; and the one script, which copies a text.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use ostiary_storage::PageRequest;

use super::layout::server_path;
use super::{PageError, category, pattern};
use crate::state::ApiState;

/// Addresses that a sitemap may have.
const URLS_MAX: usize = 50_000;
/// Servers that are read at once.
const AT_ONCE: u32 = 1_000;

/// Without it everything can be read all the same.
const COPY: &str = "document.addEventListener('click',(e)=>{const b=e.target.closest('[data-copy]');if(!b)return;\
const t=b.parentElement.nextElementSibling.innerText;navigator.clipboard.writeText(t).then(()=>{b.textContent='Copied'})});\n";

pub(super) async fn copy_script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], COPY)
}

/// `GET /robots.txt`: the catalogue is for everybody, the rest is a tenant's.
pub(super) async fn robots(State(state): State<ApiState>) -> impl IntoResponse {
    let text = format!(
        "User-agent: *\nAllow: /catalogue\nDisallow: /api/\nDisallow: /mcp/\n\nSitemap: {}/sitemap.xml\n",
        state.public_url()
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text)
}

/// `GET /sitemap.xml`: the pages of patterns and servers.
pub(super) async fn sitemap(State(state): State<ApiState>) -> Result<Response, PageError> {
    let base = state.public_url();
    let mut paths: Vec<String> =
        ["/catalogue", "/catalogue/categories", "/catalogue/patterns"].map(str::to_owned).into();
    paths.extend(ostiary_model::tool::Category::ALL.iter().map(|one| category::path(*one)));
    paths.extend(pattern::paths());
    let mut after = None;
    loop {
        let page = state.store.list_catalogue_servers(&[], PageRequest { limit: AT_ONCE, after }).await?;
        paths.extend(page.items.iter().map(|server| server_path(&server.slug)));
        after = page.items.into_iter().next_back().map(|server| server.slug);
        if !page.has_more || after.is_none() || paths.len() >= URLS_MAX {
            break;
        }
    }
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for path in paths.iter().take(URLS_MAX) {
        // Paths are percent-encoded, and so hold nothing that XML would take for markup.
        let _ = writeln!(xml, "<url><loc>{base}{path}</loc></url>");
    }
    xml.push_str("</urlset>\n");
    Ok(([(header::CONTENT_TYPE, "application/xml")], xml).into_response())
}
