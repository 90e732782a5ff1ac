//! Looking into JSON without decoding it: members and elements of a text as slices of that text.
//!
//! A text is checked once by [`check`], in one go and without recursion; afterwards the walkers can rely on its syntax.
//! They still never panic when it is wrong: they end early.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::value::RawValue;

/// Why a text is not one that this crate looks into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    /// The bytes are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// The text is not one JSON value.
    #[error("not JSON")]
    Syntax,
}

/// Checks that `bytes` are one JSON value, and gives its text without outer blanks. Takes any depth: the syntax check
/// keeps its own stack, and the walkers below only count.
pub(crate) fn check(bytes: &[u8]) -> Result<&str, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| JsonError::Syntax)?;
    Ok(raw.get())
}

/// Steps behind the end of a string whose opening quote was taken.
fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

/// A member of an object, as slices of the object's text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    /// The key as written, quotes included.
    key: &'a str,
    /// The value as written.
    pub(crate) value: &'a str,
    /// How deep arrays and objects are nested in the value; 0 when it is neither.
    pub(crate) depth: usize,
    /// Where key, colon and value stand in the object's text.
    span: (usize, usize),
}

impl<'a> Member<'a> {
    /// The key, decoded; `None` when its escapes mean no text (a lone surrogate).
    pub(crate) fn key(&self) -> Option<Cow<'a, str>> {
        string(self.key)
    }

    /// Where key, colon and value stand in the object's text.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.0..self.span.1
    }
}

/// The members of an object in the order they are written; none when `text` is no object.
pub(crate) fn members(text: &str) -> impl Iterator<Item = Member<'_>> {
    let mut cursor = Cursor { text, at: 0 };
    let mut open = cursor.eat(b'{');
    std::iter::from_fn(move || {
        if !open {
            return None;
        }
        open = false;
        cursor.blanks();
        let start = cursor.at;
        let (key, _) = cursor.value().filter(|(key, _)| key.starts_with('"'))?;
        if !cursor.eat(b':') {
            return None;
        }
        cursor.blanks();
        let (value, depth) = cursor.value()?;
        let span = (start, cursor.at);
        open = cursor.eat(b',');
        Some(Member { key, value, depth, span })
    })
}

/// The elements of an array in the order they are written; none when `text` is no array.
pub(crate) fn elements(text: &str) -> impl Iterator<Item = &str> {
    let mut cursor = Cursor { text, at: 0 };
    let mut open = cursor.eat(b'[');
    std::iter::from_fn(move || {
        if !open {
            return None;
        }
        cursor.blanks();
        let (value, _) = cursor.value()?;
        open = cursor.eat(b',');
        Some(value)
    })
}

/// The string that `raw` writes; `None` when it is another kind of value or its escapes mean no text.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(raw).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

/// Whether `raw` writes an object.
pub(crate) fn is_object(raw: &str) -> bool {
    raw.starts_with('{')
}

/// Whether `raw` writes an array.
pub(crate) fn is_array(raw: &str) -> bool {
    raw.starts_with('[')
}

/// Whether `key` is `name` to a reader that ignores letter case, though it is not `name` itself.
///
/// SECURITY: some JSON libraries match member names without regard to case, by Unicode's simple folding. What such an
/// upstream takes for `name` must not differ from what was judged, so these spellings are refused.
pub(crate) fn is_variant_of(key: &str, name: &str) -> bool {
    if key.is_ascii() {
        return key.len() == name.len() && key != name && key.eq_ignore_ascii_case(name);
    }
    key.chars().map(fold).eq(name.chars().map(fold))
}

fn fold(letter: char) -> char {
    match letter {
        // The two letters outside ASCII that fold into it: long s and the Kelvin sign.
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}

/// Where `part` stands in `whole`, when it is a slice of it.
pub(crate) fn offset_in(whole: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    /// Steps over one value and gives its text and depth.
    fn value(&mut self) -> Option<(&'a str, usize)> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..)?;
        let (length, depth) = match rest.first()? {
            b'"' => {
                let mut bytes = rest.iter();
                bytes.next();
                skip_string(&mut bytes);
                (rest.len() - bytes.len(), 0)
            }
            b'{' | b'[' => nested(rest)?,
            b'}' | b']' | b',' | b':' => return None,
            _ => {
                let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
                (rest.iter().position(is_end).unwrap_or(rest.len()), 0)
            }
        };
        self.at += length;
        Some((self.text.get(start..self.at)?, depth))
    }
}

/// The length and depth of the array or object that `bytes` begin with; `None` when it does not end.
fn nested(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut depth = 0usize;
    let mut deepest = 0;
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        match byte {
            b'"' => skip_string(&mut rest),
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some((bytes.len() - rest.len(), deepest));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_spaced_object_are_slices_of_it() {
        let text = "{ \"a\" : 1 ,\n\"b\\u0063\": [ {\"x\":\"]\\\"\"} , 2 ], \"d\":null }";
        let found: Vec<_> = members(text).map(|m| (m.key().unwrap().into_owned(), m.value)).collect();
        assert_eq!(
            found,
            [("a".to_owned(), "1"), ("bc".to_owned(), "[ {\"x\":\"]\\\"\"} , 2 ]"), ("d".to_owned(), "null")]
        );
        assert_eq!(elements(found[1].1).collect::<Vec<_>>(), ["{\"x\":\"]\\\"\"}", "2"]);
    }

    #[test]
    fn walkers_on_other_values_end_at_once() {
        for text in ["", "1", "[]", "{}", "\"{\"", "{\"a\"", "{\"a\":", "[,", "{,}"] {
            assert_eq!(members(text).count(), 0, "{text}");
            assert!(elements(text).count() == 0, "{text}");
        }
    }

    #[test]
    fn members_know_how_deep_their_values_are() {
        let text = r#"{"a":1,"b":"[[","c":{},"d":[[],[{"x":[]}]]}"#;
        assert_eq!(members(text).map(|member| member.depth).collect::<Vec<_>>(), [0, 0, 1, 4]);
    }

    #[test]
    fn check_of_any_depth_returns() {
        let depth = 1_000_000;
        let text = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(members(check(text.as_bytes()).unwrap()).next().unwrap().depth, depth);
        assert_eq!(check("[".repeat(depth).as_bytes()), Err(JsonError::Syntax));
    }

    #[test]
    fn is_variant_of_folds_like_case_blind_readers() {
        assert!(is_variant_of("Name", "name"));
        assert!(is_variant_of("param\u{17f}", "params"));
        assert!(!is_variant_of("name", "name"));
        assert!(!is_variant_of("names", "name"));
    }
}
