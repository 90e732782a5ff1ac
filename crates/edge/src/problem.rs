//! Problems (RFC 9457): the one shape of every error that the REST API answers.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// The media type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What names a type of problem; the code follows.
const TYPE_BASE: &str = "urn:ostiary:problem:";

/// One failure within an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON Pointer into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// Stable snake_case code.
    pub code: Cow<'static, str>,
    /// What to change, for people.
    pub detail: String,
}

impl FieldError {
    /// A failure at a place.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

/// An error as the caller sees it. Causes are logged where they are handled; none of them is in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    type_uri: String,
    title: &'static str,
    #[serde(serialize_with = "serialize_status")]
    status: StatusCode,
    detail: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

fn serialize_status<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem. `code` is stable, `title` the same for every problem of the code, `detail` is about this one.
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            type_uri: format!("{TYPE_BASE}{code}"),
            title,
            status,
            detail: detail.into(),
            instance: None,
            code,
            errors: Vec::new(),
            retry_after_ms: None,
        }
    }

    /// With the failures of the input.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// With the time after which another attempt makes sense; also as `Retry-After`.
    #[must_use]
    pub const fn with_retry_after_ms(mut self, retry_after_ms: u64) -> Self {
        self.retry_after_ms = Some(retry_after_ms);
        self
    }

    /// With the request that it belongs to.
    #[must_use]
    pub fn with_instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The failures of the input.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, [(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(ms) = self.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ostiary\""));
        }
        // The request's id is known to a layer further out, which puts it in.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_is_written_as_the_rfc_says() {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input", "The input is not valid", "x")
            .with_errors(vec![FieldError::new("/email", "invalid", "y")])
            .with_instance("req_1");
        assert_eq!(
            serde_json::to_value(problem).expect("serialises"),
            serde_json::json!({
                "type": "urn:ostiary:problem:invalid_input",
                "title": "The input is not valid",
                "status": 422,
                "detail": "x",
                "instance": "req_1",
                "code": "invalid_input",
                "errors": [{"pointer": "/email", "code": "invalid", "detail": "y"}],
            })
        );
    }

    #[test]
    fn problem_with_a_time_answers_retry_after_in_whole_seconds() {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Slow down", "x");
        let response = problem.with_retry_after_ms(1_001).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert_eq!(response.headers()[header::CONTENT_TYPE], CONTENT_TYPE);
    }
}
