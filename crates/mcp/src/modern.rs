//! What a request of the modern era must carry, and that its headers say what its body says.
//!
//! SECURITY: somebody on the way may have judged the headers. A request whose headers speak of another call than its
//! body is refused, whichever of the two is meant.

mod params;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use std::borrow::Cow;

pub use params::ParamHeaders;

use crate::envelope::{Notification, Params, Request};
use crate::error::{RpcError, codes};
use crate::header::{METHOD, NAME, PROTOCOL_VERSION as VERSION_HEADER};
use crate::json;
use crate::method::Method;
use crate::version::{Era, Revision};

/// `_meta`: the revision of a request.
pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// `_meta`: what the client is able to do.
pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// `_meta`: what the client says of itself.
pub const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
/// `_meta`: from which level on log messages are wanted.
pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
/// `_meta` of results: what the server says of itself.
pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// `_meta` of what comes on a subscription: the id of the request that opened it.
pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

/// Why a request of the modern era is refused. All of them go with HTTP status 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModernFault {
    /// `_meta` lacks what every request must have, or has something else there.
    #[error("`_meta` must have `{member}`")]
    Meta {
        /// The member.
        member: &'static str,
    },
    /// A header is missing, cannot be read, or says something else than the body.
    #[error("the header `{header}` does not agree with the body")]
    Header {
        /// The header.
        header: HeaderName,
    },
    /// The revision is not spoken here.
    #[error("unsupported protocol version")]
    Version {
        /// The revision asked for, cut to a decent length.
        requested: String,
    },
}

impl ModernFault {
    /// The error to answer with.
    #[must_use]
    pub fn to_rpc(&self) -> RpcError {
        match self {
            Self::Meta { .. } => RpcError::invalid_params(self.to_string()),
            Self::Header { .. } => RpcError::new(codes::HEADER_MISMATCH, self.to_string()),
            Self::Version { requested } => RpcError::unsupported_version(requested),
        }
    }
}

/// Checks what every request must carry, and the headers that every request has.
///
/// # Errors
/// The first fault there is.
pub fn check_request(request: &Request<'_>, headers: &HeaderMap) -> Result<(), ModernFault> {
    let meta = &request.params.meta;
    let Some(version) = meta.protocol_version.as_deref() else {
        return Err(ModernFault::Meta { member: PROTOCOL_VERSION });
    };
    agrees(headers, VERSION_HEADER, version)?;
    if Revision::parse(version).is_none_or(|revision| revision.era() != Era::Modern) {
        return Err(ModernFault::Version { requested: version.chars().take(64).collect() });
    }
    if !meta.client_capabilities.is_some_and(json::is_object) {
        return Err(ModernFault::Meta { member: CLIENT_CAPABILITIES });
    }
    agrees(headers, METHOD, &request.method_name)?;
    match named(request.method, &request.params) {
        Some(name) => agrees(headers, NAME, name),
        None => Ok(()),
    }
}

/// Checks the headers of a notification.
///
/// # Errors
/// The first fault there is.
pub fn check_notification(notification: &Notification<'_>, headers: &HeaderMap) -> Result<(), ModernFault> {
    if headers.contains_key(METHOD) { agrees(headers, METHOD, &notification.method_name) } else { Ok(()) }
}

/// What `Mcp-Name` repeats of a request; `None` for methods that it does not go with.
#[must_use]
pub fn named<'m>(method: Method, params: &'m Params<'_>) -> Option<&'m str> {
    match method {
        Method::ToolsCall | Method::PromptsGet => params.name.as_deref(),
        Method::ResourcesRead => params.uri.as_deref(),
        _ => None,
    }
}

fn agrees(headers: &HeaderMap, header: HeaderName, text: &str) -> Result<(), ModernFault> {
    if value(headers, &header).is_some_and(|value| value == text) {
        Ok(())
    } else {
        Err(ModernFault::Header { header })
    }
}

const MARK: (&str, &str) = ("=?base64?", "?=");

/// The text of a header that stands there once; `None` where it cannot be read.
fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, str>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    match value.strip_prefix(MARK.0).and_then(|rest| rest.strip_suffix(MARK.1)) {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok().map(Cow::Owned),
        None => Some(Cow::Borrowed(value)),
    }
}

/// A text as the value of a header: as it is, or encoded where it is no plain one.
#[must_use]
pub fn header_text(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    let has_blanks = text.starts_with(' ') || text.ends_with(' ');
    if is_plain && !has_blanks && !(text.starts_with(MARK.0) && text.ends_with(MARK.1)) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{}{}{}", MARK.0, STANDARD.encode(text), MARK.1))
    }
}

#[cfg(test)]
mod tests;
