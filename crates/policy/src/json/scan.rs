//! One pass over JSON text: syntax, members that appear twice, numbers out of range, halves of surrogate pairs.

use std::borrow::Cow;

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct SyntaxError {
    /// Byte offset of the fault.
    pub(crate) at: usize,
    pub(crate) message: &'static str,
}

/// One thing that readers of JSON disagree about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ambiguity {
    /// Byte offset of the member, number or string concerned.
    pub(crate) at: usize,
    pub(crate) kind: AmbiguityKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AmbiguityKind {
    /// A member with a name that its object already has.
    Duplicate,
    /// An integer outside −2^63 … 2^64−1, or a number whose nearest double is infinite.
    Number,
    /// A string with an unpaired surrogate.
    Surrogate,
}

/// What the scanner tells while it goes; the tree listens, the mere check does not.
pub(crate) trait Sink<'a> {
    fn null(&mut self, at: usize);
    fn bool(&mut self, at: usize, value: bool);
    fn number(&mut self, at: usize, text: &'a str);
    fn string(&mut self, at: usize, text: &'a str, has_escapes: bool);
    fn key(&mut self, at: usize, name: Cow<'a, str>);
    fn open(&mut self, at: usize, container: Container);
    fn close(&mut self);
    /// Returns whether the scan goes on.
    fn ambiguity(&mut self, found: Ambiguity) -> bool;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Array,
    Object,
}

/// Whether the text is JSON that every reader understands alike.
pub(crate) fn is_unambiguous(text: &str) -> bool {
    struct Check(bool);
    impl<'a> Sink<'a> for Check {
        fn null(&mut self, _: usize) {}
        fn bool(&mut self, _: usize, _: bool) {}
        fn number(&mut self, _: usize, _: &'a str) {}
        fn string(&mut self, _: usize, _: &'a str, _: bool) {}
        fn key(&mut self, _: usize, _: Cow<'a, str>) {}
        fn open(&mut self, _: usize, _: Container) {}
        fn close(&mut self) {}
        fn ambiguity(&mut self, _: Ambiguity) -> bool {
            self.0 = false;
            false
        }
    }
    let mut check = Check(true);
    scan(text, &mut check).is_ok() && check.0
}

/// Scans a whole text. Stops early, without an error, where the sink says so.
pub(crate) fn scan<'a>(text: &'a str, sink: &mut impl Sink<'a>) -> Result<(), SyntaxError> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0, keys: Vec::new(), goes_on: true };
    let mut open: Vec<Frame> = Vec::new();
    'value: loop {
        scanner.skip_whitespace();
        if let Some(container) = scanner.value(sink)? {
            let keys_from = scanner.keys.len();
            open.push(Frame { container, keys_from });
            scanner.skip_whitespace();
            if scanner.peek() != Some(closing(container)) {
                if container == Container::Object {
                    scanner.member_name(sink)?;
                }
                if !scanner.goes_on {
                    return Ok(());
                }
                continue 'value;
            }
        }
        // A value, or an empty container, has just ended.
        loop {
            if !scanner.goes_on {
                return Ok(());
            }
            scanner.skip_whitespace();
            let Some(frame) = open.last() else {
                return match scanner.peek() {
                    None => Ok(()),
                    Some(_) => Err(scanner.error("more text after the value")),
                };
            };
            let (container, keys_from) = (frame.container, frame.keys_from);
            match scanner.peek() {
                Some(b',') => {
                    scanner.advance();
                    if container == Container::Object {
                        scanner.skip_whitespace();
                        scanner.member_name(sink)?;
                    }
                    continue 'value;
                }
                Some(byte) if byte == closing(container) => {
                    scanner.advance();
                    if container == Container::Object {
                        scanner.report_duplicates(keys_from, sink);
                    }
                    sink.close();
                    open.pop();
                }
                Some(_) => return Err(scanner.error("expected a comma or the end of the array or object")),
                None => return Err(scanner.error("the text ends too early")),
            }
        }
    }
}

struct Frame {
    container: Container,
    /// Where this object's member names begin in `Scanner::keys`.
    keys_from: usize,
}

const fn closing(container: Container) -> u8 {
    match container {
        Container::Array => b']',
        Container::Object => b'}',
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The member names of all objects that are open, outermost first.
    keys: Vec<(Cow<'a, str>, usize)>,
    goes_on: bool,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn advance(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn error(&self, message: &'static str) -> SyntaxError {
        SyntaxError { at: self.at, message }
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.advance();
        }
    }

    fn ambiguous(&mut self, at: usize, kind: AmbiguityKind, sink: &mut impl Sink<'a>) {
        self.goes_on &= sink.ambiguity(Ambiguity { at, kind });
    }

    /// Reads a leaf, or the opening of a container.
    fn value(&mut self, sink: &mut impl Sink<'a>) -> Result<Option<Container>, SyntaxError> {
        let at = self.at;
        match self.peek() {
            Some(b'{') => {
                self.advance();
                sink.open(at, Container::Object);
                return Ok(Some(Container::Object));
            }
            Some(b'[') => {
                self.advance();
                sink.open(at, Container::Array);
                return Ok(Some(Container::Array));
            }
            Some(b'"') => {
                let (text, has_escapes) = self.string(sink)?;
                sink.string(at, text, has_escapes);
            }
            Some(b'-' | b'0'..=b'9') => self.number(sink)?,
            Some(b't') => {
                self.word("true")?;
                sink.bool(at, true);
            }
            Some(b'f') => {
                self.word("false")?;
                sink.bool(at, false);
            }
            Some(b'n') => {
                self.word("null")?;
                sink.null(at);
            }
            Some(_) => return Err(self.error("expected a value")),
            None => return Err(self.error("the text ends too early")),
        }
        Ok(None)
    }

    fn word(&mut self, word: &str) -> Result<(), SyntaxError> {
        let end = self.at.saturating_add(word.len());
        if self.bytes.get(self.at..end) == Some(word.as_bytes()) {
            self.at = end;
            Ok(())
        } else {
            Err(self.error("expected a value"))
        }
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.advance();
        }
        self.at.saturating_sub(from)
    }

    fn number(&mut self, sink: &mut impl Sink<'a>) -> Result<(), SyntaxError> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.advance();
        }
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 || (leading_zero && digits > 1) {
            return Err(self.error("malformed number"));
        }
        let mut is_integer = true;
        if self.peek() == Some(b'.') {
            is_integer = false;
            self.advance();
            if self.digits() == 0 {
                return Err(self.error("malformed number"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            is_integer = false;
            self.advance();
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.advance();
            }
            if self.digits() == 0 {
                return Err(self.error("malformed number"));
            }
        }
        let text = self.text.get(from..self.at).unwrap_or_default();
        sink.number(from, text);
        if !is_representable(text, is_integer, digits) {
            self.ambiguous(from, AmbiguityKind::Number, sink);
        }
        Ok(())
    }

    /// Reads a string and returns what stands between its quotes, not yet unescaped.
    fn string(&mut self, sink: &mut impl Sink<'a>) -> Result<(&'a str, bool), SyntaxError> {
        let opened = self.at;
        self.advance();
        let from = self.at;
        let mut has_escapes = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escapes = true;
                    self.advance();
                    self.escape()?;
                }
                Some(0..=0x1f) => return Err(self.error("control character in a string")),
                Some(_) => self.advance(),
                None => return Err(self.error("the text ends inside a string")),
            }
        }
        let inside = self.text.get(from..self.at).unwrap_or_default();
        self.advance();
        if has_escapes && unescape(inside).is_none() {
            self.ambiguous(opened, AmbiguityKind::Surrogate, sink);
        }
        Ok((inside, has_escapes))
    }

    fn escape(&mut self) -> Result<(), SyntaxError> {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.advance(),
            Some(b'u') => {
                self.advance();
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.error("malformed escape in a string"));
                    }
                    self.advance();
                }
            }
            _ => return Err(self.error("malformed escape in a string")),
        }
        Ok(())
    }

    /// Reads a member's name and the colon after it.
    fn member_name(&mut self, sink: &mut impl Sink<'a>) -> Result<(), SyntaxError> {
        let at = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.error("expected the name of a member"));
        }
        let (inside, has_escapes) = self.string(sink)?;
        let name = if has_escapes { Cow::Owned(unescape_lossy(inside)) } else { Cow::Borrowed(inside) };
        sink.key(at, name.clone());
        self.keys.push((name, at));
        self.skip_whitespace();
        if self.peek() != Some(b':') {
            return Err(self.error("expected a colon"));
        }
        self.advance();
        Ok(())
    }

    /// Tells of every member of the innermost object whose name came before, and forgets that object's names.
    fn report_duplicates(&mut self, from: usize, sink: &mut impl Sink<'a>) {
        /// Below this, comparing all pairs is cheaper than sorting.
        const FEW: usize = 12;
        let mut twice: Vec<usize> = Vec::new();
        if let Some(names) = self.keys.get_mut(from..) {
            if names.len() <= FEW {
                for (index, (name, at)) in names.iter().enumerate() {
                    if names.iter().take(index).any(|(earlier, _)| earlier == name) {
                        twice.push(*at);
                    }
                }
            } else {
                names.sort_unstable();
                let neighbours = names.iter().zip(names.iter().skip(1));
                twice.extend(neighbours.filter(|((a, _), (b, _))| a == b).map(|(_, (_, at))| *at));
                twice.sort_unstable();
            }
        }
        self.keys.truncate(from);
        for at in twice {
            self.ambiguous(at, AmbiguityKind::Duplicate, sink);
        }
    }
}

fn is_representable(text: &str, is_integer: bool, digits: usize) -> bool {
    if is_integer {
        digits <= 18 || text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok()
    } else {
        text.parse::<f64>().is_ok_and(f64::is_finite)
    }
}

/// The text of a string literal; `None` where it has half a surrogate pair. The escapes are well formed.
fn unescape(inside: &str) -> Option<String> {
    let mut is_whole = true;
    let text = decode(inside, |_| {
        is_whole = false;
        char::REPLACEMENT_CHARACTER
    });
    is_whole.then_some(text)
}

/// The same, with a replacement character for each half.
pub(super) fn unescape_lossy(inside: &str) -> String {
    decode(inside, |_| char::REPLACEMENT_CHARACTER)
}

fn decode(inside: &str, mut lone: impl FnMut(u32) -> char) -> String {
    let mut text = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            text.push(char);
            continue;
        }
        match chars.next() {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                let unit = hex4(&mut chars);
                if let Some(char) = char::from_u32(unit) {
                    text.push(char);
                    continue;
                }
                // A surrogate: only a high one with a low one right behind it makes a character.
                let mut ahead = chars.clone();
                let low = match (ahead.next(), ahead.next()) {
                    (Some('\\'), Some('u')) => hex4(&mut ahead),
                    _ => 0,
                };
                let pair =
                    char::decode_utf16([u16::try_from(unit).unwrap_or(0), u16::try_from(low).unwrap_or(0)]).next();
                if let (0xDC00..=0xDFFF, Some(Ok(char))) = (low, pair) {
                    text.push(char);
                    chars = ahead;
                } else {
                    text.push(lone(unit));
                }
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

fn hex4(chars: &mut std::str::Chars<'_>) -> u32 {
    let mut unit = 0_u32;
    for _ in 0..4 {
        let digit = chars.next().and_then(|char| char.to_digit(16)).unwrap_or(0);
        unit = (unit << 4) | digit;
    }
    unit
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"a":1,"b":{"a":1}}"#, true)]
    #[case(r#"{"a":1,"a":1}"#, false)]
    #[case(r#"{"x":[{"a":1,"\u0061":2}]}"#, false)]
    #[case(r#"{"a":"\ud83d\ude00"}"#, true)]
    #[case(r#"{"a":"\ud83d"}"#, false)]
    #[case(r#"{"a":"\ud83d\u0041"}"#, false)]
    #[case(r#"{"a":"\ude00\ud83d"}"#, false)]
    #[case(r#"{"\udc00":1}"#, false)]
    #[case("18446744073709551615", true)]
    #[case("18446744073709551616", false)]
    #[case("-9223372036854775808", true)]
    #[case("-9223372036854775809", false)]
    #[case("1e400", false)]
    #[case("1e308", true)]
    #[case("0e99999999999999999999", true)]
    #[case("1e-99999999999999999999", true)]
    #[case("123456789012345678901234567890.5", true)]
    #[case("01", false)]
    #[case("[1,]", false)]
    #[case("{\"a\":1,}", false)]
    #[case("", false)]
    #[case("1 2", false)]
    #[case("[", false)]
    #[case("\"\n\"", false)]
    fn text_of_each_kind_is_judged(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_unambiguous(text), expected, "{text}");
    }

    #[test]
    fn object_with_many_members_finds_the_one_that_is_twice() {
        let members: Vec<String> = (0..5000).map(|n| format!("\"m{n}\":{n}")).collect();
        assert!(is_unambiguous(&format!("{{{}}}", members.join(","))));
        assert!(!is_unambiguous(&format!("{{{},\"m17\":0}}", members.join(","))));
    }

    #[test]
    fn text_nested_a_million_deep_is_scanned() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert!(is_unambiguous(&deep));
    }
}
