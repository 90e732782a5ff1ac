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
    /// Arrays and objects are nested deeper than allowed.
    #[error("nested too deep")]
    TooDeep,
}

/// Checks that `bytes` are one JSON value nested at most `max_depth` deep, and gives its text without outer blanks.
pub(crate) fn check(bytes: &[u8], max_depth: usize) -> Result<&str, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    // The depth first: whatever walks the text afterwards, here or behind us, meets a bounded one.
    if deeper_than(text.as_bytes(), max_depth) {
        return Err(JsonError::TooDeep);
    }
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| JsonError::Syntax)?;
    Ok(raw.get())
}

fn deeper_than(bytes: &[u8], max_depth: usize) -> bool {
    let mut depth = 0usize;
    let mut in_string = false;
    let mut escaped = false;
    for &byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                if depth > max_depth {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// A member of an object, as slices of the object's text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    /// The key as written, quotes included.
    key: &'a str,
    /// The value as written.
    pub(crate) value: &'a str,
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
        let key = cursor.value().filter(|key| key.starts_with('"'))?;
        if !cursor.eat(b':') {
            return None;
        }
        cursor.blanks();
        let value = cursor.value()?;
        let span = (start, cursor.at);
        open = cursor.eat(b',');
        Some(Member { key, value, span })
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
        let value = cursor.value()?;
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
    key != name && key.chars().map(fold).eq(name.chars().map(fold))
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

    /// Steps over one value and gives its text.
    fn value(&mut self) -> Option<&'a str> {
        let start = self.at;
        match self.peek()? {
            b'"' => self.string()?,
            b'{' | b'[' => self.nested()?,
            b'}' | b']' | b',' | b':' => return None,
            _ => {
                while let Some(byte) = self.peek() {
                    if matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r') {
                        break;
                    }
                    self.at += 1;
                }
            }
        }
        self.text.get(start..self.at)
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }

    fn nested(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
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
    fn check_at_the_depth_bound_passes_and_above_it_fails() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(nested(64).as_bytes(), 64).is_ok());
        assert_eq!(check(nested(65).as_bytes(), 64), Err(JsonError::TooDeep));
        assert_eq!(check(br#"["[[[[[[\"[["]"#, 1), Ok(r#"["[[[[[[\"[["]"#));
        assert_eq!(check("[".repeat(1_000_000).as_bytes(), 64), Err(JsonError::TooDeep));
    }

    #[test]
    fn is_variant_of_folds_like_case_blind_readers() {
        assert!(is_variant_of("Name", "name"));
        assert!(is_variant_of("param\u{17f}", "params"));
        assert!(!is_variant_of("name", "name"));
        assert!(!is_variant_of("names", "name"));
    }
}
