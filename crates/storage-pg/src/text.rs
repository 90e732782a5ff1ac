//! Text that the database takes.

use std::borrow::Cow;

/// The text without the one character that PostgreSQL keeps in no text, U+0000: U+FFFD stands in its place.
///
/// For what strangers say of themselves and of calls (names of clients, targets), which nobody may use to make a record
/// fail. Nothing is decided by these texts once they are recorded.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{FFFD}")) } else { Cow::Borrowed(text) }
}

/// As [`clean`], for text that may be absent.
pub(crate) fn clean_option(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_replaces_nul_and_nothing_else() {
        assert_eq!(clean("a\0b\0"), "a\u{FFFD}b\u{FFFD}");
        assert!(matches!(clean("a\u{1}\u{7f}é\u{10FFFF}"), Cow::Borrowed(_)));
    }
}
