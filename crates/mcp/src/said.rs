//! What a server says by itself in a session, for a client that has sessions at several servers behind one of its own:
//! requests, whose ids are those of one server, and notifications that name resources or requests.

use crate::json;
use crate::object::{EditError, object_in, once, quoted, with};
use crate::prefix::resource_uri;

/// A message that is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said<'a> {
    /// A request, with its id, raw, and the token for its progress, raw.
    Request {
        /// The id.
        id: &'a str,
        /// The token.
        progress_token: Option<&'a str>,
    },
    /// That a resource changed.
    Updated {
        /// The resource.
        uri: String,
    },
    /// That a request of the server's is cancelled, with its id, raw.
    Cancelled {
        /// The id.
        id: &'a str,
    },
    /// What a subscription was granted.
    Acknowledged,
    /// Anything else.
    Notification,
}

impl<'a> Said<'a> {
    /// Reads a message; `None` for an answer.
    ///
    /// # Errors
    /// [`EditError`]; the message must then not be passed on.
    pub fn of(message: &'a [u8]) -> Result<Option<Self>, EditError> {
        let text = json::check(message)?;
        let Some(method) = once(text, "method")? else { return Ok(None) };
        let params = once(text, "params")?.filter(|raw| json::is_object(raw)).unwrap_or("{}");
        if let Some(id) = once(text, "id")? {
            let progress_token = once(object_in(params, "_meta")?, "progressToken")?;
            return Ok(Some(Self::Request { id, progress_token }));
        }
        Ok(Some(match json::string(method).as_deref() {
            Some("notifications/resources/updated") => {
                let uri = once(params, "uri")?.and_then(json::string).ok_or(EditError::Shape)?;
                Self::Updated { uri: uri.into_owned() }
            }
            Some("notifications/cancelled") => {
                Self::Cancelled { id: once(params, "requestId")?.ok_or(EditError::Shape)? }
            }
            Some("notifications/subscriptions/acknowledged") => Self::Acknowledged,
            _ => Self::Notification,
        }))
    }
}

/// A message with another id, raw.
///
/// # Errors
/// [`EditError`]; it must then not be passed on.
pub fn with_id(message: &[u8], id: &str) -> Result<Vec<u8>, EditError> {
    with(json::check(message)?, &[("id", Some(id.into()))]).map(String::into_bytes)
}

/// A request with another id and another token for its progress, both raw.
///
/// # Errors
/// [`EditError`]; it must then not be passed on.
pub fn with_id_and_token(message: &[u8], id: &str, token: &str) -> Result<Vec<u8>, EditError> {
    let text = json::check(message)?;
    let params = object_in(text, "params")?;
    let meta = with(object_in(params, "_meta")?, &[("progressToken", Some(token.into()))])?;
    let params = with(params, &[("_meta", Some(meta.into()))])?;
    with(text, &[("id", Some(id.into())), ("params", Some(params.into()))]).map(String::into_bytes)
}

/// The notification that a request is cancelled, of the request with another id, raw.
///
/// # Errors
/// [`EditError`]; it must then not be passed on.
pub fn with_request_id(message: &[u8], id: &str) -> Result<Vec<u8>, EditError> {
    with_raw(message, "requestId", id)
}

/// The notification of progress, with another token, raw.
///
/// # Errors
/// [`EditError`]; it must then not be passed on.
pub fn with_progress_token(message: &[u8], token: &str) -> Result<Vec<u8>, EditError> {
    with_raw(message, "progressToken", token)
}

/// The token that a notification of progress has; `None` where it is no text.
#[must_use]
pub fn progress_token(message: &[u8]) -> Option<String> {
    let params = object_in(json::check(message).ok()?, "params").ok()?;
    once(params, "progressToken").ok()?.and_then(json::string).map(std::borrow::Cow::into_owned)
}

/// The notification that a resource of a server changed, under the name of the account's endpoint.
///
/// # Errors
/// [`EditError`]; it must then not be passed on.
pub fn updated_at(message: &[u8], server: &str, uri: &str) -> Result<Vec<u8>, EditError> {
    with_raw(message, "uri", &quoted(&resource_uri(server, uri)))
}

fn with_raw(message: &[u8], member: &str, raw: &str) -> Result<Vec<u8>, EditError> {
    let text = json::check(message)?;
    let params = with(object_in(text, "params")?, &[(member, Some(raw.into()))])?;
    with(text, &[("params", Some(params.into()))]).map(String::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(edited: Result<Vec<u8>, EditError>) -> String {
        String::from_utf8(edited.unwrap()).unwrap()
    }

    #[test]
    fn request_gets_another_id_and_token() {
        let asked = br#"{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{"x": 1.0,"_meta":{"progressToken":3}}}"#;
        assert_eq!(Said::of(asked), Ok(Some(Said::Request { id: "7", progress_token: Some("3") })));
        assert_eq!(
            text(with_id_and_token(asked, "\"a\"", "\"b\"")),
            r#"{"jsonrpc":"2.0","id":"a","method":"sampling/createMessage","params":{"x": 1.0,"_meta":{"progressToken":"b"}}}"#
        );
        let plain = br#"{"id":"q","method":"roots/list"}"#;
        assert_eq!(Said::of(plain), Ok(Some(Said::Request { id: "\"q\"", progress_token: None })));
        assert_eq!(text(with_id(plain, "1")), r#"{"id":1,"method":"roots/list"}"#);
        assert_eq!(Said::of(br#"{"id":1,"result":{}}"#), Ok(None));
    }

    #[test]
    fn notifications_that_name_something_name_it_in_other_words() {
        let updated = br#"{"method":"notifications/resources/updated","params":{"uri":"a:\u0062"}}"#;
        let Ok(Some(Said::Updated { uri })) = Said::of(updated) else { panic!("an update") };
        assert_eq!(
            text(updated_at(updated, "s", &uri)),
            r#"{"method":"notifications/resources/updated","params":{"uri":"ostiary+s:a:b"}}"#
        );
        let cancelled = br#"{"method":"notifications/cancelled","params":{"requestId":7,"reason":"r"}}"#;
        assert_eq!(Said::of(cancelled), Ok(Some(Said::Cancelled { id: "7" })));
        assert!(text(with_request_id(cancelled, "\"x\"")).contains(r#""requestId":"x","reason":"r""#));
        let progress = br#"{"method":"notifications/progress","params":{"progressToken":"t","progress":1}}"#;
        assert_eq!((Said::of(progress), progress_token(progress)), (Ok(Some(Said::Notification)), Some("t".into())));
        assert!(text(with_progress_token(progress, "3")).contains(r#""progressToken":3,"progress":1"#));
    }

    #[test]
    fn messages_of_another_form_are_refused() {
        for message in [
            &b"x"[..],
            br#"{"method":"notifications/resources/updated","params":{}}"#,
            br#"{"method":"notifications/cancelled"}"#,
            br#"{"method":"roots/list","id":1,"Id":2}"#,
        ] {
            assert!(Said::of(message).is_err(), "{}", String::from_utf8_lossy(message));
        }
    }
}
