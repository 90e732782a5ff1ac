//! The public pages of the catalogue: whole HTML from the server, for people and for search engines.
//!
//! They need no account, and no script to be read. Everything that a server of the catalogue says of itself is text to
//! them; the template escapes it.

mod category;
mod index;
mod layout;
mod pattern;
mod question;
mod server;
mod site;
mod tool;
mod totals;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::error::ApiError;
use crate::state::ApiState;
use layout::{Head, page};
pub(crate) use totals::Totals;

/// How long anybody may keep a page.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The pages, with the sitemap and what robots are told.
pub(crate) fn router(state: ApiState) -> Router {
    Router::new()
        .route("/catalogue", get(index::handler))
        .route("/catalogue/categories", get(category::list))
        .route("/catalogue/categories/{category}", get(category::handler))
        .route("/catalogue/servers/{slug}", get(server::handler))
        .route("/catalogue/servers/{slug}/tools/{tool}", get(tool::handler))
        .route("/catalogue/patterns", get(pattern::list))
        .route("/catalogue/patterns/{slug}", get(pattern::handler))
        .route("/catalogue/copy.js", get(site::copy_script))
        // Anything else there is no page of the dashboard either, and must not be answered as one.
        .route("/catalogue/{*path}", get(async || PageError::NotFound))
        .route("/sitemap.xml", get(site::sitemap))
        .route("/robots.txt", get(site::robots))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, CACHE))
        .with_state(state)
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum PageError {
    NotFound,
    Unavailable,
}

impl From<ostiary_storage::StorageError> for PageError {
    fn from(error: ostiary_storage::StorageError) -> Self {
        // Logged as the API logs it; the visitor has no use for the reason.
        let _ = ApiError::from(error).into_response();
        Self::Unavailable
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found", "There is no such page in the catalogue."),
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "Not available", "The catalogue cannot be read now. Try again soon.")
            }
        };
        let content = html! { h1 { (title) } p { (text) } p { a href="/catalogue" { "Search the catalogue" } } };
        let head = Head { title, description: text, canonical: None };
        (status, [(header::CACHE_CONTROL, "no-store")], page(&head, &content)).into_response()
    }
}

/// What a handler answers.
pub(crate) type Page = Result<Markup, PageError>;
