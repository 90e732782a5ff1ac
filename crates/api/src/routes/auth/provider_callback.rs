//! `GET /auth/provider/callback`

use std::collections::HashMap;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use http::header::SET_COOKIE;
use ostiary_auth::Errand;
use ostiary_auth::session::cookie;
use ostiary_model::{SignInMethod, UserId};
use url::form_urlencoded;

use crate::error::ApiError;
use crate::extract::{Origin, Person};
use crate::ops::attempts::{Counted, Subject};
use crate::ops::provider::{Arrival, arrive, link, provider, redirect};
use crate::ops::{second_factor, session};
use crate::problems::{Always, TooMany};
use crate::provider::{ProviderError, ProviderPerson};
use crate::routes::auth::sign_in::look;
use crate::state::ApiState;

/// Where the provider of sign-ins sends browsers back to. Leads to a page of the dashboard in any case; a failure is named
/// in its address.
#[utoipa::path(
    get,
    path = "/auth/provider/callback",
    operation_id = "finish_provider_sign_in",
    tag = "auth",
    security(()),
    params(
        ("code" = Option<String>, Query, description = "What is redeemed at the provider."),
        ("state" = Option<String>, Query, description = "What tells the errand.")
    ),
    responses((status = 303, description = "To a page of the dashboard."), TooMany, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    // SECURITY: every try counts until somebody was let in, so that nobody uses us to try codes.
    let counted = Counted::begin(&state, origin.address.map(Subject::Address)).await?;
    let query: HashMap<_, _> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let now = state.clock.now();
    let found = cookie::find_errand(&headers).zip(query.get("state"));
    let Some(errand) = found.and_then(|(cookie, given)| Errand::end(&state.errands, cookie, given, now)) else {
        return Ok(back(&state, "/sign-in?failure=provider_expired"));
    };
    let door = if errand.link.is_some() { "/security" } else { "/sign-in" };
    let person = match redeem(&state, &query, &errand).await {
        Ok(person) => person,
        Err(ApiError::ProviderFailed(error)) => {
            tracing::warn!(%error, "somebody could not sign in elsewhere");
            return Ok(back(&state, &format!("{door}?failure=provider_failed")));
        }
        Err(error) => return Err(error),
    };
    let arrived = match errand.link {
        Some(user_id) => link_to(&state, &headers, user_id, &person).await?,
        None => enter(&state, &person, &errand, &origin).await?,
    };
    if arrived.is_in {
        counted.was_right(&state).await?;
    }
    Ok(arrived.response)
}

/// Where the browser goes on, and whether its errand was good.
struct Arrived {
    response: Response,
    is_in: bool,
}

impl Arrived {
    fn turned(state: &ApiState, door: &str, why: &str) -> Self {
        Self { response: back(state, &format!("{door}?failure={why}")), is_in: false }
    }
}

async fn redeem(
    state: &ApiState,
    query: &HashMap<String, String>,
    errand: &Errand,
) -> Result<ProviderPerson, ApiError> {
    let provider = provider(state)?;
    let refused = |why: &str| ApiError::ProviderFailed(ProviderError::Refused(why.to_owned()));
    if query.get("iss").is_some_and(|issuer| !provider.is_issuer(issuer)) {
        return Err(refused("it comes from another issuer"));
    }
    // What `error` says is the provider's own text, which anybody may write into the address: not repeated.
    let code = query.get("code").ok_or_else(|| refused("there is no code"))?;
    provider.redeem(code, errand, &redirect(state)?).await.map_err(ApiError::ProviderFailed)
}

/// SECURITY: linked to whoever is signed in here and began it, and to nobody else.
async fn link_to(
    state: &ApiState,
    headers: &HeaderMap,
    user_id: UserId,
    person: &ProviderPerson,
) -> Result<Arrived, ApiError> {
    match Person::find(state, headers).await? {
        Some(signed_in) if signed_in.user.id == user_id => match link(state, &signed_in.user, person).await? {
            Ok(()) => Ok(Arrived { response: back(state, "/security"), is_in: true }),
            Err(why) => Ok(Arrived::turned(state, "/security", why.as_str())),
        },
        _ => Ok(Arrived::turned(state, "/sign-in", "provider_expired")),
    }
}

async fn enter(
    state: &ApiState,
    person: &ProviderPerson,
    errand: &Errand,
    origin: &Origin,
) -> Result<Arrived, ApiError> {
    let session = match arrive(state, person, origin).await? {
        Err(why) => return Ok(Arrived::turned(state, "/sign-in", why.as_str())),
        Ok(Arrival::New(session)) => *session,
        Ok(Arrival::Known(user)) => {
            // Somebody who asked for a second factor here is asked for it, whoever vouches for the first.
            if let Some(needed) = second_factor::needed(state, &user, SignInMethod::Provider).await? {
                let fragment: String = form_urlencoded::Serializer::new(String::new())
                    .append_pair("token", &needed.token)
                    .append_pair("has_app", &needed.has_app.to_string())
                    .append_pair("has_passkeys", &needed.has_passkeys.to_string())
                    .append_pair("to", &errand.to)
                    .finish();
                return Ok(Arrived { response: back(state, &format!("/sign-in#{fragment}")), is_in: true });
            }
            look(state, &user, SignInMethod::Provider, origin).await?.2
        }
    };
    let mut response = back(state, &errand.to);
    session::sign_in_with(state, &session, response.headers_mut())?;
    Ok(Arrived { response, is_in: true })
}

/// To a page of the dashboard; the errand is over.
fn back(state: &ApiState, page: &str) -> Response {
    let mut response = Redirect::to(page).into_response();
    response.headers_mut().append(SET_COOKIE, cookie::clear_errand(state.cookie_transport()));
    response
}
