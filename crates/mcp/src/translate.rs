//! Messages of one era in the words of the other.
//!
//! Only what the eras differ in is changed; members that nobody here knows go through as they were sent.

use std::borrow::Cow;

use crate::error::codes;
use crate::json;
use crate::method::Method;
use crate::modern::{CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, PROTOCOL_VERSION, SERVER_INFO};
use crate::object::{EditError, object_in, once, quoted, with};
use crate::rewrite::{AnswerRewrite, Rule};
use crate::version::{Era, Revision};

/// The legacy code for a resource that is not there.
const RESOURCE_NOT_FOUND: i64 = -32002;
/// The legacy code for a page that the user has to visit first.
const URL_ELICITATION_REQUIRED: i64 = -32042;
/// Levels of log messages, the least important first.
pub const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/// What a modern request carries beside what it asks for.
#[derive(Debug, Clone, Copy)]
pub struct Carried<'a> {
    /// The client's capabilities, raw.
    pub capabilities: &'a str,
    /// What the client says of itself, raw.
    pub client_info: Option<&'a str>,
    /// From which level on it wants log messages.
    pub log_level: Option<&'a str>,
}

/// A legacy request as a modern one.
///
/// # Errors
/// [`EditError`]; it must then not be sent.
pub fn to_modern(body: &[u8], carried: Carried<'_>) -> Result<Vec<u8>, EditError> {
    let version = quoted(Revision::V2026_07_28.as_str());
    edit_meta(
        body,
        &[
            (PROTOCOL_VERSION, Some(version.into())),
            (CLIENT_CAPABILITIES, Some(carried.capabilities.into())),
            (CLIENT_INFO, carried.client_info.map(Cow::Borrowed)),
            (LOG_LEVEL, carried.log_level.map(|level| quoted(level).into())),
        ],
        &[],
    )
}

/// A modern request as a legacy one, with ids of ours: what many clients send goes up in one session.
///
/// # Errors
/// [`EditError`]; it must then not be sent.
pub fn to_legacy(body: &[u8], id: &str, progress_token: Option<&str>) -> Result<Vec<u8>, EditError> {
    let removed = edit_meta(
        body,
        &[
            (PROTOCOL_VERSION, None),
            (CLIENT_CAPABILITIES, None),
            (CLIENT_INFO, None),
            (LOG_LEVEL, None),
            ("progressToken", progress_token.map(|token| quoted(token).into())),
        ],
        &["requestState", "inputResponses"],
    )?;
    let text = json::check(&removed)?;
    with(text, &[("id", Some(quoted(id).into()))]).map(String::into_bytes)
}

/// A modern request with other capabilities of its client.
///
/// # Errors
/// [`EditError`]; it must then not be sent.
pub fn with_capabilities(body: &[u8], capabilities: &str) -> Result<Vec<u8>, EditError> {
    edit_meta(body, &[(CLIENT_CAPABILITIES, Some(capabilities.into()))], &[])
}

fn edit_meta(body: &[u8], changes: &[(&str, Option<Cow<'_, str>>)], removed: &[&str]) -> Result<Vec<u8>, EditError> {
    let text = json::check(body)?;
    let params = object_in(text, "params")?;
    let meta = with(object_in(params, "_meta")?, changes)?;
    let mut changes: Vec<(&str, Option<Cow<'_, str>>)> = removed.iter().map(|name| (*name, None)).collect();
    changes.push(("_meta", Some(meta.into())));
    let params = with(params, &changes)?;
    with(text, &[("params", Some(params.into()))]).map(String::into_bytes)
}

/// What becomes of a message that comes down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// It goes on as it came.
    Unchanged,
    /// This goes on instead.
    Rewritten(Vec<u8>),
    /// It is not for this client.
    Dropped,
    /// It is a request that this client cannot be asked; this is the answer to the server.
    Refused(Vec<u8>),
}

/// How long a client may keep what it was told, and of whom it was told.
#[derive(Debug, Clone)]
pub struct Hints {
    /// The longest time, in milliseconds.
    pub ttl_max_ms: u64,
    /// What the server says of itself, raw, where its results do not say so.
    pub server_info: Option<String>,
}

/// How messages that come down in answer to one request are put.
#[derive(Debug, Clone)]
pub struct Down {
    /// The era of the server.
    pub from: Era,
    /// The era of the client.
    pub to: Era,
    /// The method of the request.
    pub method: Method,
    /// The request's id, raw, where another one went up.
    pub id: Option<String>,
    /// The request's progress token, raw, where another one went up.
    pub progress_token: Option<String>,
    /// From which level on the client wants log messages; matters to modern clients.
    pub log_level: Option<String>,
    /// Cache hints, for modern clients.
    pub hints: Hints,
    /// Whether requests in the answer are the gateway's own, to a client of the legacy era.
    pub may_ask: bool,
}

impl Down {
    /// Puts one message.
    ///
    /// # Errors
    /// [`EditError`]; it must then not be passed on.
    pub fn message(&self, message: &[u8]) -> Result<Passed, EditError> {
        let text = json::check(message)?;
        if let Some(method) = once(text, "method")? {
            let method = json::string(method).ok_or(EditError::Unreadable)?;
            return match once(text, "id")? {
                Some(id) => Ok(self.request(&method, id)),
                None => self.notification(text, &method),
            };
        }
        if self.to == Era::Legacy && self.method == Method::Listen {
            // The legacy client asked for no subscription; its stream just ends.
            return Ok(Passed::Dropped);
        }
        let mut changes: Vec<(&str, Option<Cow<'_, str>>)> = Vec::new();
        if let Some(id) = &self.id {
            changes.push(("id", Some(id.as_str().into())));
        }
        if let Some(result) = once(text, "result")?.filter(|_| self.to == Era::Modern)
            && let Some(result) = self.result(result)?
        {
            changes.push(("result", Some(result.into())));
        }
        if let Some(error) = once(text, "error")?
            && let Some(error) = self.error(error)?
        {
            changes.push(("error", Some(error.into())));
        }
        if changes.is_empty() {
            return Ok(Passed::Unchanged);
        }
        with(text, &changes).map(|text| Passed::Rewritten(text.into_bytes()))
    }

    /// The same for an answer that is too large to be read whole; none where it passes as it came.
    #[must_use]
    pub fn streamed(&self) -> Option<AnswerRewrite> {
        let mut result = Vec::new();
        if self.to == Era::Modern {
            if self.from == Era::Legacy {
                result.push(("resultType", "\"complete\"".to_owned(), Rule::Added));
                let meta = self.hints.server_info.as_deref().map(|info| format!("{{{}:{info}}}", quoted(SERVER_INFO)));
                result.extend(meta.map(|meta| ("_meta", meta, Rule::Added)));
            }
            if has_hints(self.method) {
                // What the server would allow stands anywhere; not to keep it is always right.
                result.push(("ttlMs", "0".to_owned(), Rule::Set));
                result.push(("cacheScope", "\"private\"".to_owned(), Rule::Set));
            }
        }
        (self.id.is_some() || !result.is_empty()).then(|| AnswerRewrite::new(self.id.as_deref(), result))
    }

    /// A request of the server's: there are none in the modern era, on either side.
    fn request(&self, method: &str, id: &str) -> Passed {
        // With an id of ours the session is not the client's, and what is asked in it cannot be answered by it.
        if self.from == Era::Legacy && self.to == Era::Legacy && self.id.is_none() {
            return Passed::Unchanged;
        }
        if self.from == Era::Modern {
            return if self.may_ask { Passed::Unchanged } else { Passed::Dropped };
        }
        let answer = match method {
            "ping" => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#),
            _ => format!(
                r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{},"message":"the client cannot be asked"}}}}"#,
                codes::METHOD_NOT_FOUND
            ),
        };
        Passed::Refused(answer.into_bytes())
    }

    fn notification(&self, text: &str, method: &str) -> Result<Passed, EditError> {
        if self.to == Era::Legacy && method == "notifications/subscriptions/acknowledged" {
            return Ok(Passed::Dropped);
        }
        let is_of_session = self.from == self.to && self.id.is_none();
        let is_renamed = method == "notifications/progress" && self.progress_token.is_some();
        if is_of_session || (self.to == Era::Legacy && !is_renamed) {
            return Ok(Passed::Unchanged);
        }
        match method {
            "notifications/progress" => match &self.progress_token {
                Some(token) => {
                    let params = with(object_in(text, "params")?, &[("progressToken", Some(token.as_str().into()))])?;
                    with(text, &[("params", Some(params.into()))]).map(|text| Passed::Rewritten(text.into_bytes()))
                }
                None => Ok(Passed::Dropped),
            },
            "notifications/message" => {
                let level = once(object_in(text, "params")?, "level")?.and_then(json::string);
                let is_wanted = level.is_some_and(|level| self.wants(&level));
                Ok(if is_wanted { Passed::Unchanged } else { Passed::Dropped })
            }
            // Nothing else is of this request; changes are told on subscriptions.
            _ => Ok(Passed::Dropped),
        }
    }

    fn wants(&self, level: &str) -> bool {
        let rank = |level: &str| LEVELS.iter().position(|name| *name == level);
        let from = self.log_level.as_deref().and_then(rank);
        from.is_some_and(|from| rank(level).is_some_and(|level| level >= from))
    }

    /// A result with what every modern one has; `None` when it has all of it.
    fn result(&self, result: &str) -> Result<Option<String>, EditError> {
        if !json::is_object(result) {
            return Err(EditError::Shape);
        }
        let mut changes: Vec<(&str, Option<Cow<'_, str>>)> = Vec::new();
        let kind = once(result, "resultType")?;
        if kind.is_none() {
            changes.push(("resultType", Some("\"complete\"".into())));
        }
        let is_complete = kind.is_none_or(|raw| json::string(raw).as_deref() == Some("complete"));
        if is_complete && has_hints(self.method) {
            let asked = once(result, "ttlMs")?.and_then(|raw| raw.parse::<u64>().ok()).unwrap_or(0);
            let ttl_ms = asked.min(self.hints.ttl_max_ms);
            if once(result, "ttlMs")? != Some(ttl_ms.to_string().as_str()) {
                changes.push(("ttlMs", Some(ttl_ms.to_string().into())));
            }
            // SECURITY: what one grant may see is not what another may see.
            if once(result, "cacheScope")?.and_then(json::string).as_deref() != Some("private") {
                changes.push(("cacheScope", Some("\"private\"".into())));
            }
        }
        if self.from == Era::Legacy
            && let Some(server_info) = self.hints.server_info.as_deref()
        {
            let meta = with(object_in(result, "_meta")?, &[(SERVER_INFO, Some(server_info.into()))])?;
            changes.push(("_meta", Some(meta.into())));
        }
        if changes.is_empty() { Ok(None) } else { with(result, &changes).map(Some) }
    }

    /// An error with the code that the client's era has for it.
    fn error(&self, error: &str) -> Result<Option<String>, EditError> {
        if self.from == self.to || !json::is_object(error) {
            return Ok(None);
        }
        let Some(code) = once(error, "code")?.and_then(|raw| raw.parse::<i64>().ok()) else { return Ok(None) };
        let theirs = match (self.to, code, self.method) {
            (Era::Modern, RESOURCE_NOT_FOUND, _) => codes::INVALID_PARAMS,
            (Era::Modern, URL_ELICITATION_REQUIRED, _) => codes::INTERNAL,
            (Era::Legacy, codes::INVALID_PARAMS, Method::ResourcesRead) => RESOURCE_NOT_FOUND,
            _ => return Ok(None),
        };
        with(error, &[("code", Some(theirs.to_string().into()))]).map(Some)
    }
}

/// Whether results of a method say how long they may be kept.
const fn has_hints(method: Method) -> bool {
    matches!(
        method,
        Method::ToolsList
            | Method::ResourcesList
            | Method::ResourceTemplatesList
            | Method::PromptsList
            | Method::ResourcesRead
    )
}

#[cfg(test)]
mod tests;
