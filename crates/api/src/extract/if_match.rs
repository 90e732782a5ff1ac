//! `If-Match` (RFC 9110 section 13.1.1): an edit says which version it starts from.

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::IF_MATCH;
use http::request::Parts;

use crate::error::ApiError;
use crate::tag::Tag;

/// The version that an edit starts from; none when the caller does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(Option<Expected>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expected {
    Any,
    /// One of these, without the quotes; a tag that none of ours looks like is left out.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// Whether the edit may go on from the version with `tag`.
    ///
    /// # Errors
    ///
    /// [`ApiError::StaleVersion`] when the caller started from another one.
    pub fn check(&self, tag: impl Into<Tag>) -> Result<(), ApiError> {
        match &self.0 {
            None | Some(Expected::Any) => Ok(()),
            Some(Expected::OneOf(tags)) => {
                let tag = tag.into();
                if tags.iter().any(|known| known == tag.as_str()) { Ok(()) } else { Err(ApiError::StaleVersion) }
            }
        }
    }

    /// Whether the caller names the version that the edit starts from.
    #[must_use]
    pub const fn names_version(&self) -> bool {
        matches!(self.0, Some(Expected::OneOf(_)))
    }

    /// The same where the caller has to say.
    ///
    /// # Errors
    ///
    /// [`ApiError::PreconditionRequired`] when they do not; [`ApiError::StaleVersion`] as [`Self::check`].
    pub fn require(&self, tag: impl Into<Tag>) -> Result<(), ApiError> {
        if self.0.is_none() {
            return Err(ApiError::PreconditionRequired);
        }
        self.check(tag)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::of(&parts.headers))
    }
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(IF_MATCH) {
            return Self(None);
        }
        let mut tags = Vec::new();
        for value in headers.get_all(IF_MATCH) {
            let text = value.to_str().unwrap_or_default().trim();
            if text == "*" {
                return Self(Some(Expected::Any));
            }
            // None of our tags has a comma in it.
            tags.extend(text.split(',').filter_map(unquoted));
        }
        Self(Some(Expected::OneOf(tags)))
    }
}

fn unquoted(text: &str) -> Option<String> {
    text.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(values: &[&str]) -> IfMatch {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, value.parse().expect("a value"));
        }
        IfMatch::of(&headers)
    }

    #[test]
    fn if_match_of_the_version_or_any_goes_on() {
        for values in [&["\"3\""][..], &[" \"3\" "], &["*"], &["\"2\", \"3\""], &["\"2\"", "\"3\""]] {
            assert!(sent(values).require(3).is_ok(), "{values:?}");
        }
        let tag = Tag::of([b"x".as_slice()]);
        assert!(sent(&[&tag.to_string()]).require(tag).is_ok());
    }

    #[test]
    fn if_match_of_anything_else_is_stale() {
        for value in ["\"2\"", "3", "W/\"3\"", "", "\"x\"", "\""] {
            assert!(matches!(sent(&[value]).check(3), Err(ApiError::StaleVersion)), "{value}");
        }
    }

    #[test]
    fn if_match_left_out_is_missed_only_where_it_is_required() {
        assert!(sent(&[]).check(3).is_ok());
        assert!(matches!(sent(&[]).require(3), Err(ApiError::PreconditionRequired)));
    }
}
