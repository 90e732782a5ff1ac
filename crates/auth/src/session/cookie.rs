//! The cookies (RFC 6265): of the session, and of the browser it is in.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// The cookie's name.
pub const NAME: &str = "ostiary_session";
/// The name of the cookie that tells a browser apart.
pub const DEVICE_NAME: &str = "ostiary_device";

/// The name of the cookie that a browser takes along to a provider of sign-ins.
pub const ERRAND_NAME: &str = "ostiary_errand";

/// As long as an errand may take.
const ERRAND_LIFETIME: Duration = Duration::from_secs(600);

/// How long a browser is known after the last sign-in in it.
const DEVICE_LIFETIME: Duration = Duration::from_secs(365 * 24 * 3600);

/// Whether the browser may send the cookie over plain HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The public URL is https: only there.
    Secure,
    /// The public URL is http, as on a laptop.
    Plain,
}

/// The `Set-Cookie` value that signs a browser in.
///
/// `HttpOnly`: no script reads it. `SameSite=Lax`: other sites' forms do not send it.
#[must_use]
pub fn build(token: &str, max_age: Duration, transport: Transport) -> HeaderValue {
    set_cookie(NAME, token, max_age.as_secs(), transport)
}

/// The `Set-Cookie` value by which a browser is known again; signing out leaves it.
#[must_use]
pub fn build_device(text: &str, transport: Transport) -> HeaderValue {
    set_cookie(DEVICE_NAME, text, DEVICE_LIFETIME.as_secs(), transport)
}

/// The `Set-Cookie` value that a browser takes along to a provider of sign-ins.
#[must_use]
pub fn build_errand(text: &str, transport: Transport) -> HeaderValue {
    set_cookie(ERRAND_NAME, text, ERRAND_LIFETIME.as_secs(), transport)
}

/// The `Set-Cookie` value that ends an errand.
#[must_use]
pub fn clear_errand(transport: Transport) -> HeaderValue {
    set_cookie(ERRAND_NAME, "", 0, transport)
}

/// The `Set-Cookie` value that signs a browser out.
#[must_use]
pub fn clear(transport: Transport) -> HeaderValue {
    set_cookie(NAME, "", 0, transport)
}

fn set_cookie(name: &str, token: &str, max_age_s: u64, transport: Transport) -> HeaderValue {
    let secure = match transport {
        Transport::Secure => "; Secure",
        Transport::Plain => "",
    };
    let text = format!("{name}={token}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The token in the request's cookies; none when there are two, since one of them was planted.
#[must_use]
pub fn find(headers: &HeaderMap) -> Option<&str> {
    find_by_name(headers, NAME)
}

/// What tells the browser apart, in the request's cookies; none when there are two.
#[must_use]
pub fn find_device(headers: &HeaderMap) -> Option<&str> {
    find_by_name(headers, DEVICE_NAME)
}

/// What a browser takes along to a provider of sign-ins, in the request's cookies; none when there are two.
#[must_use]
pub fn find_errand(headers: &HeaderMap) -> Option<&str> {
    find_by_name(headers, ERRAND_NAME)
}

fn find_by_name<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, value)| *name == wanted && !value.is_empty())
        .map(|(_, value)| value);
    let token = found.next()?;
    found.next().is_none().then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_built_is_kept_from_scripts_and_other_sites() {
        let value = build("t", Duration::from_secs(60), Transport::Secure);
        assert_eq!(value, "ostiary_session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(clear(Transport::Plain), "ostiary_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=b; ostiary_session=t;c=d"));
        headers.append(COOKIE, HeaderValue::from_static("e=f"));
        assert_eq!(find(&headers), Some("t"));
    }

    #[test]
    fn cookie_missing_empty_or_twice_is_none() {
        for text in ["", "a=b", "ostiary_session=", "ostiary_sessions=t", "ostiary_session=a; ostiary_session=b"] {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_static(text));
            assert_eq!(find(&headers), None, "{text}");
        }
    }
}
