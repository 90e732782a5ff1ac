//! The bearer token of a request (RFC 6750 section 2.1).

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The token of the one `Authorization: Bearer …` header; the scheme's case does not matter.
///
/// Two `Authorization` headers are none: which of them counts would be a guess that somebody
/// else on the way may make differently.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, value.parse().expect("header value"))).collect()
    }

    #[test]
    fn bearer_in_any_case_is_found() {
        for value in ["Bearer abc", "bearer abc", "BEARER  abc "] {
            assert_eq!(bearer(&headers(&[value])), Some("abc"), "{value}");
        }
    }

    #[test]
    fn bearer_of_anything_else_is_none() {
        for values in [&[][..], &["Basic abc"], &["Bearer"], &["Bearer "], &["abc"], &["Bearer a", "Bearer a"]] {
            assert_eq!(bearer(&headers(values)), None, "{values:?}");
        }
    }
}
