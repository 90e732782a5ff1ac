//! One list made of the lists of several servers.

use crate::envelope::RequestId;
use crate::json;
use crate::lists::ListKind;
use crate::modern::SERVER_INFO;
use crate::object::{EditError, object_in, once, quoted, with};
use crate::prefix::{prompt_name, resource_uri, tool_name};
use crate::version::Era;

/// The member of `_meta` that names the servers whose entries are missing.
pub const UNAVAILABLE: &str = "ostiary/unavailable";

/// What one server contributes to a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Its entries, raw, under the names of the account's endpoint.
    pub entries: Vec<String>,
    /// Where its next page begins.
    pub next_cursor: Option<String>,
}

/// What a page says beside its entries.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The list.
    pub kind: ListKind,
    /// The era of the client.
    pub era: Era,
    /// Where the next page begins.
    pub next_cursor: Option<&'a str>,
    /// The servers that could not be asked, by slug, each with a word for why.
    pub unavailable: &'a [(&'a str, &'static str)],
    /// What the endpoint says of itself, raw.
    pub server_info: &'a str,
    /// How long a modern client may keep the page, in milliseconds.
    pub ttl_ms: u64,
}

impl Part {
    /// Reads a server's answer; `None` when it is an error.
    ///
    /// # Errors
    /// [`EditError`] for what is no page of the list; it must then not be passed on.
    pub fn read(message: &[u8], kind: ListKind, server: &str) -> Result<Option<Self>, EditError> {
        let text = json::check(message)?;
        let Some(result) = once(text, "result")? else {
            return if once(text, "error")?.is_some() { Ok(None) } else { Err(EditError::Shape) };
        };
        let list = once(result, kind.member())?.ok_or(EditError::Shape)?;
        let next_cursor = match once(result, "nextCursor")? {
            None | Some("null") => None,
            Some(raw) => Some(json::string(raw).ok_or(EditError::Shape)?.into_owned()),
        };
        let entries = json::elements(list).map(|entry| named(entry, kind, server)).collect::<Result<_, _>>()?;
        Ok(Some(Self { entries, next_cursor }))
    }
}

/// An entry under the name of the account's endpoint.
fn named(entry: &str, kind: ListKind, server: &str) -> Result<String, EditError> {
    let name = once(entry, kind.key())?.and_then(json::string).ok_or(EditError::Shape)?;
    let name = match kind {
        ListKind::Tools => tool_name(server, &name),
        ListKind::Prompts => prompt_name(server, &name),
        ListKind::Resources | ListKind::ResourceTemplates => resource_uri(server, &name),
    };
    with(entry, &[(kind.key(), Some(quoted(&name).into()))])
}

/// A page of all entries.
#[must_use]
pub fn write(id: RequestId<'_>, page: Page<'_>, parts: &[Part]) -> Vec<u8> {
    let entries: Vec<&str> = parts.iter().flat_map(|part| &part.entries).map(String::as_str).collect();
    let mut result = format!("{}:[{}]", quoted(page.kind.member()), entries.join(","));
    if let Some(cursor) = page.next_cursor {
        result.push_str(&format!(r#","nextCursor":{}"#, quoted(cursor)));
    }
    let mut meta = Vec::new();
    if !page.unavailable.is_empty() {
        let servers: Vec<String> = page
            .unavailable
            .iter()
            .map(|(server, reason)| format!(r#"{{"server":{},"reason":{}}}"#, quoted(server), quoted(reason)))
            .collect();
        meta.push(format!(r#""{UNAVAILABLE}":[{}]"#, servers.join(",")));
    }
    if page.era == Era::Modern {
        result.push_str(&format!(r#","resultType":"complete","ttlMs":{},"cacheScope":"private""#, page.ttl_ms));
        meta.push(format!(r#""{SERVER_INFO}":{}"#, page.server_info));
    }
    if !meta.is_empty() {
        result.push_str(&format!(r#","_meta":{{{}}}"#, meta.join(",")));
    }
    format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{{result}}}}}"#, id.as_raw()).into_bytes()
}

/// A request with another name, URI or cursor in its params: what a server calls it. `None` removes the member.
///
/// # Errors
/// [`EditError`]; it must then not be sent.
pub fn with_param(body: &[u8], member: &str, value: Option<&str>) -> Result<Vec<u8>, EditError> {
    let text = json::check(body)?;
    let params = with(object_in(text, "params")?, &[(member, value.map(|value| quoted(value).into()))])?;
    with(text, &[("params", Some(params.into()))]).map(String::into_bytes)
}

/// A request for completion whose reference has another name or URI.
///
/// # Errors
/// [`EditError`]; it must then not be sent.
pub fn with_reference(body: &[u8], member: &str, value: &str) -> Result<Vec<u8>, EditError> {
    let text = json::check(body)?;
    let params = object_in(text, "params")?;
    let reference = with(object_in(params, "ref")?, &[(member, Some(quoted(value).into()))])?;
    let params = with(params, &[("ref", Some(reference.into()))])?;
    with(text, &[("params", Some(params.into()))]).map(String::into_bytes)
}

#[cfg(test)]
mod tests;
