//! Lists of tools, resources, templates and prompts: entries taken out, everything else as it was sent.
//!
//! SECURITY: a list that cannot be read is an error, never passed on: what a grant may not see must not arrive because
//! its list was odd. Members that two readers could take differently count as odd.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::{self, JsonError};
use crate::method::Method;

/// One of the lists that policy filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// Tools, by name.
    Tools,
    /// Resources, by URI.
    Resources,
    /// Resource templates, by URI template.
    ResourceTemplates,
    /// Prompts, by name.
    Prompts,
}

impl ListKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Tools, Self::Resources, Self::ResourceTemplates, Self::Prompts];

    /// The member of the result that holds the entries.
    #[must_use]
    pub fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::ResourceTemplates => "resourceTemplates",
            Self::Prompts => "prompts",
        }
    }

    /// The member of an entry that policy knows it by.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Tools | Self::Prompts => "name",
            Self::Resources => "uri",
            Self::ResourceTemplates => "uriTemplate",
        }
    }

    /// The method that asks for the list.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Self::Tools => Method::ToolsList,
            Self::Resources => Method::ResourcesList,
            Self::ResourceTemplates => Method::ResourceTemplatesList,
            Self::Prompts => Method::PromptsList,
        }
    }
}

/// One entry of a list.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The list that it stands in.
    pub kind: ListKind,
    /// Its name, URI or URI template, decoded.
    pub key: Cow<'a, str>,
    /// The whole entry, raw.
    pub raw: &'a str,
}

/// Why a list is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The message is not JSON.
    #[error("the message cannot be read")]
    Unreadable,
    /// The message is an array of messages.
    #[error("the message is a batch")]
    Batch,
    /// A member stands there twice, or in a second spelling that some readers take for it.
    #[error("`{member}` is ambiguous")]
    Ambiguous {
        /// The member.
        member: &'static str,
    },
    /// The result does not hold the list that was asked for.
    #[error("the result has no list `{member}`")]
    Missing {
        /// The member.
        member: &'static str,
    },
    /// An entry is no object, or has no name or URI to know it by.
    #[error("an entry of `{member}` has no `{key}`")]
    Entry {
        /// The list.
        member: &'static str,
        /// What the entry lacks.
        key: &'static str,
    },
}

impl From<JsonError> for ListError {
    fn from(_: JsonError) -> Self {
        Self::Unreadable
    }
}

/// A message after its entries were judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filtered {
    /// Nothing was removed: send the bytes as they came.
    Unchanged,
    /// Send these instead.
    Rewritten(Vec<u8>),
}

/// Removes from a JSON-RPC message the list entries that `keep` refuses.
///
/// With `expected` the message answers a request for that list, and a result without it is an error. Without, the
/// request is not known, as for a response that is replayed on a stream: every list in the result is filtered, and a
/// result without one is left alone. Errors, requests and notifications are left alone.
///
/// # Errors
/// [`ListError`]; the message must then not be passed on.
pub fn filter(
    message: &[u8],
    expected: Option<ListKind>,
    mut keep: impl FnMut(&Entry<'_>) -> bool,
) -> Result<Filtered, ListError> {
    let text = json::check(message)?;
    if json::is_array(text) {
        return Err(ListError::Batch);
    }
    let [result, method] = once(text, ["result", "method"])?;
    let Some(result) = result else {
        return Ok(Filtered::Unchanged);
    };
    // A response with a method: one reader would take it for a request and another for a list.
    if method.is_some() {
        return Err(ListError::Ambiguous { member: "result" });
    }
    let lists = once(result, ListKind::ALL.map(ListKind::member))?;
    let mut edits = Vec::new();
    for (kind, list) in ListKind::ALL.into_iter().zip(lists) {
        let list = list.filter(|list| json::is_array(list));
        if let Some(list) = list {
            if let Some(shorter) = filter_list(kind, list, &mut keep)? {
                edits.push((json::offset_in(text, list).ok_or(ListError::Unreadable)?, shorter));
            }
        } else if expected == Some(kind) {
            return Err(ListError::Missing { member: kind.member() });
        }
    }
    if edits.is_empty() {
        return Ok(Filtered::Unchanged);
    }
    splice(text, edits).map(Filtered::Rewritten).ok_or(ListError::Unreadable)
}

/// The list without the entries that `keep` refuses; `None` when it refuses none.
fn filter_list(
    kind: ListKind,
    list: &str,
    keep: &mut impl FnMut(&Entry<'_>) -> bool,
) -> Result<Option<String>, ListError> {
    let mut kept = Vec::new();
    let mut removed = false;
    for raw in json::elements(list) {
        let lacking = ListError::Entry { member: kind.member(), key: kind.key() };
        if !json::is_object(raw) {
            return Err(lacking);
        }
        let [key] = once(raw, [kind.key()])?;
        let key = key.and_then(json::string).ok_or(lacking)?;
        if keep(&Entry { kind, key, raw }) {
            kept.push(raw);
        } else {
            removed = true;
        }
    }
    Ok(removed.then(|| format!("[{}]", kept.join(","))))
}

/// The values of the members `names` of an object, each standing there at most once and in one spelling.
fn once<'a, const N: usize>(object: &'a str, names: [&'static str; N]) -> Result<[Option<&'a str>; N], ListError> {
    let mut found = [None; N];
    for member in json::members(object) {
        let key = member.key().ok_or(ListError::Unreadable)?;
        for (name, slot) in names.iter().zip(&mut found) {
            let again = key == *name && slot.replace(member.value).is_some();
            if again || json::is_variant_of(&key, name) {
                return Err(ListError::Ambiguous { member: name });
            }
        }
    }
    Ok(found)
}

/// The text with ranges replaced, whatever order they come in.
fn splice(text: &str, mut edits: Vec<(Range<usize>, String)>) -> Option<Vec<u8>> {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for (range, replacement) in edits {
        out.extend_from_slice(text.get(at..range.start)?.as_bytes());
        out.extend_from_slice(replacement.as_bytes());
        at = range.end;
    }
    out.extend_from_slice(text.get(at..)?.as_bytes());
    Some(out)
}

#[cfg(test)]
mod tests;
