//! The bound of a client's address, and the headers that say how near to a bound a caller is.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use ostiary_edge::ClientAddress;

use super::{AccountStanding, Standing};
use crate::state::ApiState;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Middleware: takes a request of an address, lets it say whose it is, and writes down how near its bound is: the
/// account's where one is known, else the address's.
pub(crate) async fn limit(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let now_ms = state.clock.now().timestamp_millis();
    // In tests of the router there is no connection.
    let address = request.extensions().get::<ClientAddress>().copied();
    let of_address = address.map(|ClientAddress(address)| state.rates.addresses.take(address, now_ms));
    if let Some(standing) = of_address
        && let Err(error) = standing.check()
    {
        let mut response = error.into_response();
        write(standing, response.headers_mut());
        return response;
    }
    let of_account = AccountStanding::default();
    request.extensions_mut().insert(of_account.clone());
    let mut response = next.run(request).await;
    if let Some(standing) = of_account.0.get().copied().or(of_address) {
        write(standing, response.headers_mut());
    }
    response
}

/// As draft-ietf-httpapi-ratelimit-headers-10 has them: quota and window, what remains and until when.
fn write(standing: Standing, headers: &mut HeaderMap) {
    let Standing { name, per_minute, remaining, reset_ms, .. } = standing;
    let policy = format!("\"{name}\";q={per_minute};w=60");
    let rate = format!("\"{name}\";r={remaining};t={}", reset_ms.div_ceil(1_000));
    for (header, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, rate)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header, value);
        }
    }
}
