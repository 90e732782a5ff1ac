//! `If-Match` (RFC 9110 section 13.1.1): an edit says which version it starts from.

use axum::extract::FromRequestParts;
use http::header::IF_MATCH;
use http::request::Parts;

use crate::error::ApiError;

/// The version that an edit starts from; none when the caller does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(Option<Expected>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Any,
    Revision(i64),
    /// A tag that no version of ours ever had.
    Foreign,
}

impl IfMatch {
    /// Whether the edit may go on from `revision`.
    ///
    /// # Errors
    ///
    /// [`ApiError::StaleVersion`] when the caller started from another one.
    pub fn check(self, revision: i64) -> Result<(), ApiError> {
        match self.0 {
            None | Some(Expected::Any) => Ok(()),
            Some(Expected::Revision(expected)) if expected == revision => Ok(()),
            Some(Expected::Revision(_) | Expected::Foreign) => Err(ApiError::StaleVersion),
        }
    }

    /// Whether the caller names the version that the edit starts from.
    #[must_use]
    pub const fn names_version(self) -> bool {
        matches!(self.0, Some(Expected::Revision(_)))
    }

    /// The same where the caller has to say.
    ///
    /// # Errors
    ///
    /// [`ApiError::PreconditionRequired`] when they do not; [`ApiError::StaleVersion`] as [`Self::check`].
    pub fn require(self, revision: i64) -> Result<(), ApiError> {
        if self.0.is_none() {
            return Err(ApiError::PreconditionRequired);
        }
        self.check(revision)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(parts.headers.get(IF_MATCH).map(|value| expected(value.to_str().unwrap_or_default()))))
    }
}

fn expected(text: &str) -> Expected {
    let text = text.trim();
    if text == "*" {
        return Expected::Any;
    }
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|inner| inner.parse().ok());
    number.map_or(Expected::Foreign, Expected::Revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_of_the_revision_or_any_goes_on() {
        for text in ["\"3\"", " \"3\" ", "*"] {
            assert!(IfMatch(Some(expected(text))).require(3).is_ok(), "{text}");
        }
    }

    #[test]
    fn if_match_of_anything_else_is_stale() {
        for text in ["\"2\"", "3", "W/\"3\"", "", "\"x\""] {
            let result = IfMatch(Some(expected(text))).check(3);
            assert!(matches!(result, Err(ApiError::StaleVersion)), "{text}");
        }
    }

    #[test]
    fn if_match_left_out_is_missed_only_where_it_is_required() {
        assert!(IfMatch(None).check(3).is_ok());
        assert!(matches!(IfMatch(None).require(3), Err(ApiError::PreconditionRequired)));
    }
}
