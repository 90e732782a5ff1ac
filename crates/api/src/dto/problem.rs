//! The shape of errors in the OpenAPI document. What is sent is [`ostiary_edge::Problem`].

use serde::Serialize;
use utoipa::ToSchema;

/// An error (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI that names the type of problem; its end is the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:ostiary:problem:not_found")]
    pub type_uri: String,
    /// The same for every problem of the type.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time, for people.
    pub detail: String,
    /// The id of the request.
    pub instance: Option<String>,
    /// Stable, for programs.
    #[schema(example = "not_found")]
    pub code: String,
    /// Every failure of the input, when that is what is wrong.
    #[schema(required = false)]
    pub errors: Option<Vec<FieldError>>,
    /// After how many milliseconds another attempt makes sense.
    pub retry_after_ms: Option<u64>,
}

/// One failure of an input.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON Pointer into the body, or `?name` for a query parameter.
    #[schema(example = "/email")]
    pub pointer: String,
    /// Stable, for programs.
    #[schema(example = "email_taken")]
    pub code: String,
    /// What to change, for people.
    pub detail: String,
}
