//! All routes of the API in one list, with what surrounds them.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, ORIGIN};
use http::{HeaderName, HeaderValue};
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ApiError;
use crate::routes::{
    account, accounts, api_keys, audit_events, auth, catalogue, decisions, entries, grants, identities, invitations,
    members, policies, second_factor, servers, sessions, tool_changes, tools, usage,
};
use crate::state::ApiState;
use crate::{document, idempotency, rate};

/// Where the API is.
pub const PREFIX: &str = "/api/v1";

/// The API, with its document at `/api/v1/openapi.json`, and the public pages of the catalogue.
pub fn router(state: ApiState) -> Router {
    let (operations, _) = operations().split_for_parts();
    let guarded = operations
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .fallback(async || ApiError::NotFound)
        // Answers are about one caller: no cache on the way keeps them.
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(middleware::from_fn_with_state(state.clone(), idempotency::once))
        .layer(CsrfLayer::new().with_rejection_response(refuse_cross_site))
        .layer(middleware::from_fn(exempt_bearer))
        .layer(middleware::from_fn_with_state(state.clone(), rate::limit))
        .with_state(state.clone());
    Router::new()
        .nest(PREFIX, guarded)
        .merge(crate::pages::router(state))
        .route("/api/v1/openapi.json", axum::routing::get(document::handler))
}

/// Every operation, without the prefix.
pub(crate) fn operations() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(auth::sign_up::handler))
        .routes(routes!(auth::sign_in::handler))
        .routes(routes!(auth::sign_out::handler))
        .routes(routes!(account::me::handler))
        .routes(routes!(auth::methods::handler))
        .routes(routes!(auth::password_reset::handler))
        .routes(routes!(auth::confirm_password_reset::handler))
        .routes(routes!(auth::change_password::handler))
        .routes(routes!(auth::verify_email::handler))
        .routes(routes!(auth::send_verification::handler))
        .routes(routes!(auth::second_factor::handler))
        .routes(routes!(auth::begin_passkey_proof::handler))
        .routes(routes!(auth::prove_passkey::handler))
        .routes(routes!(auth::begin_provider::handler))
        .routes(routes!(auth::link_provider::handler))
        .routes(routes!(auth::provider_callback::handler))
        .routes(routes!(identities::list::handler))
        .routes(routes!(identities::remove::handler))
        .routes(routes!(second_factor::get::handler))
        .routes(routes!(second_factor::begin_passkey::handler))
        .routes(routes!(second_factor::confirm_passkey::handler))
        .routes(routes!(second_factor::remove_passkey::handler))
        .routes(routes!(second_factor::begin::handler))
        .routes(routes!(second_factor::confirm::handler))
        .routes(routes!(second_factor::disable::handler))
        .routes(routes!(second_factor::renew_codes::handler))
        .routes(routes!(sessions::list::handler, sessions::end_others::handler))
        .routes(routes!(sessions::end::handler))
        .routes(routes!(accounts::list::handler, accounts::create::handler))
        .routes(routes!(accounts::switch::handler))
        .routes(routes!(account::get::handler, account::update::handler, account::delete::handler))
        .routes(routes!(account::restore::handler))
        .routes(routes!(account::transfer::handler))
        .routes(routes!(account::leave::handler))
        .routes(routes!(usage::handler))
        .routes(routes!(members::list::handler))
        .routes(routes!(members::get::handler, members::update::handler, members::remove::handler))
        .routes(routes!(invitations::list::handler, invitations::create::handler))
        .routes(routes!(invitations::inspect::handler))
        .routes(routes!(invitations::accept::handler))
        .routes(routes!(invitations::revoke::handler))
        .routes(routes!(servers::list::handler, servers::create::handler))
        .routes(routes!(servers::get::handler, servers::update::handler, servers::delete::handler))
        .routes(routes!(servers::refresh::handler))
        .routes(routes!(servers::health::handler))
        .routes(routes!(tools::list::handler))
        .routes(routes!(tools::get::handler, tools::update::handler))
        .routes(routes!(entries::resources::handler))
        .routes(routes!(entries::resource_templates::handler))
        .routes(routes!(entries::prompts::handler))
        .routes(routes!(tool_changes::list::handler))
        .routes(routes!(tool_changes::get::handler))
        .routes(routes!(tool_changes::accept::handler))
        .routes(routes!(policies::list::handler, policies::create::handler))
        .routes(routes!(policies::validate::handler))
        .routes(routes!(policies::simulate::handler))
        .routes(routes!(policies::get::handler, policies::update::handler, policies::delete::handler))
        .routes(routes!(policies::versions::handler))
        .routes(routes!(policies::version::handler))
        .routes(routes!(policies::diff::handler))
        .routes(routes!(policies::rollback::handler))
        .routes(routes!(grants::list::handler, grants::create::handler))
        .routes(routes!(grants::get::handler, grants::update::handler, grants::revoke::handler))
        .routes(routes!(grants::rotate::handler))
        .routes(routes!(grants::put_binding::handler, grants::delete_binding::handler))
        .routes(routes!(api_keys::list::handler, api_keys::create::handler))
        .routes(routes!(api_keys::revoke::handler))
        .routes(routes!(audit_events::list::handler))
        .routes(routes!(audit_events::export::handler))
        .routes(routes!(catalogue::list_servers::handler))
        .routes(routes!(catalogue::list_tools::handler))
        .routes(routes!(catalogue::get_server::handler))
        .routes(routes!(catalogue::get_tool::handler))
        .routes(routes!(decisions::list::handler))
        .routes(routes!(decisions::stream::handler))
        .routes(routes!(decisions::export::handler))
        .routes(routes!(decisions::get::handler))
}

fn refuse_cross_site(_: ProtectionError) -> Response {
    ApiError::CrossSite.into_response()
}

/// A request with an `Authorization` header is never answered by a cookie, so no page of another
/// site can have a browser send it with somebody's rights: it needs no protection from that, and
/// programs in browsers may use API keys.
async fn exempt_bearer(mut request: Request, next: Next) -> Response {
    const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    if request.headers().contains_key(AUTHORIZATION) {
        request.headers_mut().remove(ORIGIN);
        request.headers_mut().remove(SEC_FETCH_SITE);
    }
    next.run(request).await
}
