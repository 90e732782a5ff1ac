//! Entity tags (RFC 9110 section 8.8.3): which state of an object somebody has seen.

use std::fmt;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The tag of one state of an object: its revision where it has one, else made of what it consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// The tag of an object that consists of these parts, in this order.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(part);
        }
        let mut text = String::with_capacity(32);
        for byte in hasher.finalize().iter().take(16) {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// What stands between the quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<i64> for Tag {
    fn from(revision: i64) -> Self {
        Self(revision.to_string())
    }
}

/// As it goes over the wire.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_of_parts_tells_where_one_ends() {
        let of = |parts: &[&str]| Tag::of(parts.iter().map(|part| part.as_bytes()));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["a"]).as_str().len(), 32);
        assert_eq!(Tag::from(3).to_string(), "\"3\"");
    }
}
