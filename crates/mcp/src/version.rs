//! Revisions of the protocol, and which era a request belongs to.

use std::fmt;

/// A revision that this crate knows by name, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// 2025-03-26: the first Streamable HTTP, with batches. Spoken by upstreams only.
    V2025_03_26,
    /// 2025-06-18: no batches, version header, structured output.
    V2025_06_18,
    /// 2025-11-25: what most clients speak.
    V2025_11_25,
    /// 2026-07-28: stateless.
    V2026_07_28,
}

/// How a revision works: with sessions, or with everything in each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// `initialize`, sessions, streams opened by GET.
    Legacy,
    /// Stateless requests that carry version and capabilities in `_meta`.
    Modern,
}

/// Revisions that a client is offered in `initialize`, oldest first.
///
/// 2025-03-26 is left out because it obliges a server to take batches, and a batch cannot be judged as one call.
pub const OFFERED: [Revision; 2] = [Revision::V2025_06_18, Revision::V2025_11_25];

/// Revisions that a client may speak, newest first: what an unsupported one is answered with, and what discovery names.
pub const SPOKEN: [Revision; 3] = [Revision::V2026_07_28, Revision::V2025_11_25, Revision::V2025_06_18];

/// The newest revision that is offered in `initialize`.
pub const LATEST: Revision = Revision::V2025_11_25;

const FIRST_MODERN: &str = "2026-07-28";

impl Revision {
    /// The revision that `text` names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "2025-03-26" => Some(Self::V2025_03_26),
            "2025-06-18" => Some(Self::V2025_06_18),
            "2025-11-25" => Some(Self::V2025_11_25),
            FIRST_MODERN => Some(Self::V2026_07_28),
            _ => None,
        }
    }

    /// The revision as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => FIRST_MODERN,
        }
    }

    /// The era of the revision.
    #[must_use]
    pub fn era(self) -> Era {
        if self >= Self::V2026_07_28 { Era::Modern } else { Era::Legacy }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The revision that answers an `initialize` which proposes `requested`: the same where it is offered, else the newest.
///
/// Never a modern one: there is no `initialize` in that era, though clients that propose it exist.
#[must_use]
pub fn negotiate(requested: &str) -> Revision {
    Revision::parse(requested).filter(|revision| OFFERED.contains(revision)).unwrap_or(LATEST)
}

/// Whether a version header may accompany a request of the legacy era.
///
/// 2025-03-26 is among them: a client that negotiated it with an upstream of that age may still send it along.
#[must_use]
pub fn header_is_supported(text: &str) -> bool {
    Revision::parse(text).is_some_and(|revision| revision.era() == Era::Legacy)
}

/// The era of a request, decided from the version in its `_meta` and the version in its header.
///
/// Either of them is enough to make it modern, and so is a version later than all that are known: an unknown modern
/// version is then refused as such rather than served under the wrong rules.
#[must_use]
pub fn era_of_request(meta: Option<&str>, header: Option<&str>) -> Era {
    // The key in `_meta` exists in the modern era only, whatever its value.
    if meta.is_some() || header.is_some_and(is_modern) { Era::Modern } else { Era::Legacy }
}

/// Whether `text` is a date not before the first modern revision. Dates of this form order as text does.
fn is_modern(text: &str) -> bool {
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq("0000-00-00".bytes()) && text >= FIRST_MODERN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiate_with_offered_revision_gives_it_back() {
        assert_eq!(negotiate("2025-06-18"), Revision::V2025_06_18);
        assert_eq!(negotiate("2025-11-25"), Revision::V2025_11_25);
    }

    #[test]
    fn negotiate_with_any_other_revision_gives_the_newest_legacy_one() {
        for text in ["2026-07-28", "2024-11-05", "2025-03-26", "", "latest"] {
            assert_eq!(negotiate(text), Revision::V2025_11_25);
        }
    }

    #[test]
    fn era_of_request_is_modern_when_either_side_says_so() {
        assert_eq!(era_of_request(None, None), Era::Legacy);
        assert_eq!(era_of_request(None, Some("2025-11-25")), Era::Legacy);
        assert_eq!(era_of_request(None, Some("zzzz")), Era::Legacy);
        assert_eq!(era_of_request(None, Some("2026-07-28")), Era::Modern);
        assert_eq!(era_of_request(None, Some("2027-01-01")), Era::Modern);
        assert_eq!(era_of_request(Some("2026-07-28"), Some("2025-11-25")), Era::Modern);
    }

    #[test]
    fn revisions_parse_from_what_they_print() {
        for revision in [Revision::V2025_03_26, Revision::V2025_06_18, Revision::V2025_11_25, Revision::V2026_07_28] {
            assert_eq!(Revision::parse(revision.as_str()), Some(revision));
        }
    }
}
