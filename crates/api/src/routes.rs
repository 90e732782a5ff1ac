//! One endpoint a file: handler and documentation together.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod audit_events;
pub(crate) mod auth;
pub(crate) mod catalogue;
pub(crate) mod decisions;
pub(crate) mod entries;
pub(crate) mod grants;
pub(crate) mod identities;
pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod policies;
pub(crate) mod second_factor;
pub(crate) mod servers;
pub(crate) mod sessions;
pub(crate) mod tool_changes;
pub(crate) mod tools;
pub(crate) mod usage;

use utoipa::IntoParams;

use crate::tag::Tag;

/// Which page of a list. Read by [`crate::extract::Query`]; this is its documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents parameters that are read by name")]
pub(crate) struct PageParams {
    /// At most so many items.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The version that an edit starts from. Read by [`crate::extract::IfMatch`].
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documents a header that is read by name")]
pub(crate) struct IfMatchParam {
    /// The `ETag` of the version that the edit starts from.
    #[param(rename = "If-Match", example = "\"3\"")]
    if_match: Option<String>,
}

/// The version that an edit starts from, where the caller has to say.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documents a header that is read by name")]
pub(crate) struct RequiredIfMatchParam {
    /// The `ETag` of the version that the edit starts from.
    #[param(rename = "If-Match", example = "\"3\"")]
    if_match: String,
}

/// An object with its `ETag`.
pub(crate) struct Tagged<T>(Tag, T);

impl<T> Tagged<T> {
    pub(crate) fn new(tag: impl Into<Tag>, object: T) -> Self {
        Self(tag.into(), object)
    }
}

impl<T: serde::Serialize> axum::response::IntoResponse for Tagged<T> {
    fn into_response(self) -> axum::response::Response {
        let Self(tag, body) = self;
        ([(http::header::ETAG, tag.to_string())], axum::Json(body)).into_response()
    }
}
