//! Members of JSON objects: read once, replaced, added and removed, with every other byte as it was sent.

use std::borrow::Cow;

use crate::json::{self, JsonError};

/// Why a message is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The message is not JSON.
    #[error("the message cannot be read")]
    Unreadable,
    /// The message is not of the form that its method has.
    #[error("the message is not of the form that its method has")]
    Shape,
    /// A member stands there twice, or in a second spelling that some readers take for it.
    #[error("a member of the message is ambiguous")]
    Ambiguous,
}

impl From<JsonError> for EditError {
    fn from(_: JsonError) -> Self {
        Self::Unreadable
    }
}

/// The value of a member that stands there at most once, and in one spelling.
///
/// # Errors
/// [`EditError::Ambiguous`], and [`EditError::Unreadable`] for a key that is no text.
pub(crate) fn once<'a>(object: &'a str, name: &str) -> Result<Option<&'a str>, EditError> {
    let mut found = None;
    for member in json::members(object) {
        let key = member.key().ok_or(EditError::Unreadable)?;
        let again = key == name && found.replace(member.value).is_some();
        if again || json::is_variant_of(&key, name) {
            return Err(EditError::Ambiguous);
        }
    }
    Ok(found)
}

/// The value of a member that is an object; `{}` where there is none.
pub(crate) fn object_in<'a>(object: &'a str, name: &str) -> Result<&'a str, EditError> {
    match once(object, name)? {
        None | Some("null") => Ok("{}"),
        Some(raw) if json::is_object(raw) => Ok(raw),
        Some(_) => Err(EditError::Shape),
    }
}

/// An object with other members: a raw value sets one, where it stands or at the end; `None` removes it, in every
/// spelling that some readers take for it.
pub(crate) fn with(object: &str, changes: &[(&str, Option<Cow<'_, str>>)]) -> Result<String, EditError> {
    if !json::is_object(object) {
        return Err(EditError::Shape);
    }
    let mut out = String::with_capacity(object.len() + 64);
    out.push('{');
    let mut is_written = vec![false; changes.len()];
    let mut push = |text: &[&str]| {
        if out.len() > 1 {
            out.push(',');
        }
        out.extend(text.iter().copied());
    };
    for member in json::members(object) {
        let key = member.key().ok_or(EditError::Unreadable)?;
        let named = changes.iter().position(|(name, _)| key == *name || json::is_variant_of(&key, name));
        let Some((at, (name, value))) = named.and_then(|at| changes.get(at).map(|change| (at, change))) else {
            push(&[object.get(member.span()).ok_or(EditError::Unreadable)?]);
            continue;
        };
        if let (Some(value), Some(written)) = (value, is_written.get_mut(at))
            && !std::mem::replace(written, true)
        {
            push(&["\"", name, "\":", value]);
        }
    }
    for ((name, value), is_written) in changes.iter().zip(is_written) {
        if let (Some(value), false) = (value, is_written) {
            push(&["\"", name, "\":", value]);
        }
    }
    out.push('}');
    Ok(out)
}

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    // A string always serialises; an empty one is as good a word as any for what cannot be.
    serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_sets_where_it_stands_and_at_the_end() {
        let edited = with(r#"{ "a": 1, "b" :[ 2 ]}"#, &[("a", Some("9".into())), ("c", Some("{}".into()))]);
        assert_eq!(edited.unwrap(), r#"{"a":9,"b" :[ 2 ],"c":{}}"#);
        assert_eq!(with("{}", &[("a", Some("1".into()))]).unwrap(), r#"{"a":1}"#);
    }

    #[test]
    fn with_removes_every_spelling() {
        let edited = with(r#"{"Task":1,"t\u0061sk":2,"tas\u212a":3,"x":4}"#, &[("task", None)]);
        assert_eq!(edited.unwrap(), r#"{"x":4}"#);
        assert_eq!(with("[]", &[]), Err(EditError::Shape));
    }

    #[test]
    fn with_writes_a_member_once() {
        assert_eq!(with(r#"{"a":1,"A":2}"#, &[("a", Some("3".into()))]).unwrap(), r#"{"a":3}"#);
    }
}
