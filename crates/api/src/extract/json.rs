//! JSON bodies.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::value::RawValue;

use super::input::ReadValue;
use crate::error::ApiError;
use crate::state::ApiState;

/// Most bytes of a body. The largest thing that comes in is the document of a policy.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A JSON body, read in full, with every failure reported at its pointer.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: ReadValue> FromRequest<ApiState> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &ApiState) -> Result<Self, ApiError> {
        if !is_json(&request) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let body = read_body(request).await?;
        let raw: &RawValue = serde_json::from_slice(&body).map_err(|error| ApiError::InvalidJson(place(&error)))?;
        T::read(raw).map(Self).map_err(ApiError::InvalidInput)
    }
}

fn is_json(request: &Request) -> bool {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// The whole body, within [`MAX_BODY_BYTES`].
pub(crate) async fn read_body(request: Request) -> Result<Bytes, ApiError> {
    match Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::BodyTooLarge),
        Err(_) => Err(ApiError::InvalidJson("the body broke off".to_owned())),
    }
}

/// What is wrong and where; the parser's own text never has parts of the body in it.
fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        _ => "syntax error",
    };
    format!("{what} at line {} column {}", error.line(), error.column())
}
