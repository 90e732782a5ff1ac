//! Whether a version is in one of the ranges of an advisory.
//!
//! Cargo's own rule for requirements leaves pre-releases out unless they are named. Here that would call `0.104.0-rc.1`
//! affected by what `0.103.12` mended, so that versions are compared by precedence alone.

use std::cmp::Ordering;

use cargo_metadata::semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};

/// Whether one of the ranges holds the version.
pub(super) fn any_holds(ranges: &[VersionReq], version: &Version) -> bool {
    ranges.iter().any(|range| range.comparators.iter().all(|comparator| holds(comparator, version)))
}

fn holds(comparator: &Comparator, version: &Version) -> bool {
    let is = |bound: &Version| version.cmp_precedence(bound);
    let (first, next) = (first(comparator), after_all(comparator));
    match comparator.op {
        Op::GreaterEq => is(&first) != Ordering::Less,
        Op::Less => is(&first) == Ordering::Less,
        // `>1.2` begins after everything that is 1.2.
        Op::Greater => next.map_or_else(|| is(&first) == Ordering::Greater, |next| is(&next) != Ordering::Less),
        Op::LessEq => next.map_or_else(|| is(&first) != Ordering::Greater, |next| is(&next) == Ordering::Less),
        Op::Exact | Op::Wildcard => next.map_or_else(
            || is(&first) == Ordering::Equal,
            |next| is(&first) != Ordering::Less && is(&next) == Ordering::Less,
        ),
        Op::Tilde => {
            let next = next.unwrap_or_else(|| before(comparator.major, first.minor.saturating_add(1), 0));
            is(&first) != Ordering::Less && is(&next) == Ordering::Less
        }
        Op::Caret => is(&first) != Ordering::Less && is(&incompatible(comparator)) == Ordering::Less,
        // One that is not known makes nothing safe.
        _ => false,
    }
}

/// The first version that a comparator names.
fn first(comparator: &Comparator) -> Version {
    Version {
        major: comparator.major,
        minor: comparator.minor.unwrap_or(0),
        patch: comparator.patch.unwrap_or(0),
        pre: comparator.pre.clone(),
        build: BuildMetadata::EMPTY,
    }
}

/// What comes after all that a comparator without its last parts names; `None` for one that names a single version.
fn after_all(comparator: &Comparator) -> Option<Version> {
    match (comparator.minor, comparator.patch) {
        (None, _) => Some(before(comparator.major.saturating_add(1), 0, 0)),
        (Some(minor), None) => Some(before(comparator.major, minor.saturating_add(1), 0)),
        (Some(_), Some(_)) => None,
    }
}

/// The first version that cargo takes for incompatible: the one after the first part that is not zero.
fn incompatible(comparator: &Comparator) -> Version {
    match (comparator.major, comparator.minor, comparator.patch) {
        (0, Some(0), Some(patch)) => before(0, 0, patch.saturating_add(1)),
        (0, Some(0), None) => before(0, 1, 0),
        (0, Some(minor), _) => before(0, minor.saturating_add(1), 0),
        (major, _, _) => before(major.saturating_add(1), 0, 0),
    }
}

/// The earliest pre-release there can be of a version.
fn before(major: u64, minor: u64, patch: u64) -> Version {
    let pre = Prerelease::new("0").unwrap_or(Prerelease::EMPTY);
    Version { major, minor, patch, pre, build: BuildMetadata::EMPTY }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the range holds each of the versions.
    fn held(range: &str, versions: &[&str]) -> anyhow::Result<Vec<bool>> {
        let ranges = [VersionReq::parse(range)?];
        versions.iter().map(|version| Ok(any_holds(&ranges, &Version::parse(version)?))).collect()
    }

    #[test]
    fn range_with_two_bounds_holds_what_is_between() -> anyhow::Result<()> {
        let versions = ["0.103.11", "0.103.12", "0.104.0-alpha.0", "0.104.0-alpha.1", "0.104.0"];
        assert_eq!(held(">= 0.103.12, < 0.104.0-alpha.1", &versions)?, [false, true, true, false, false]);
        Ok(())
    }

    #[test]
    fn range_without_an_end_holds_later_prereleases() -> anyhow::Result<()> {
        assert_eq!(held(">=1.4.0", &["1.4.0-rc.1", "1.4.0", "1.5.0-rc.1"])?, [false, true, true]);
        Ok(())
    }

    #[test]
    fn range_of_one_version_ignores_how_it_was_built() -> anyhow::Result<()> {
        assert_eq!(held("=0.11.1", &["0.11.1+wasi-snapshot-preview1", "0.11.2"])?, [true, false]);
        Ok(())
    }

    #[test]
    fn range_of_compatible_versions_ends_before_the_next_prerelease() -> anyhow::Result<()> {
        let versions = ["0.3.23", "0.3.24", "0.3.99", "0.4.0-rc.1", "0.4.0"];
        assert_eq!(held("^0.3.24", &versions)?, [false, true, true, false, false]);
        assert_eq!(held("^0.0.3", &["0.0.2", "0.0.3", "0.0.4"])?, [false, true, false]);
        assert_eq!(held("~1.2.3", &["1.2.2", "1.2.3", "1.3.0"])?, [false, true, false]);
        assert_eq!(held("^1.2", &["1.1.9", "1.9.0", "2.0.0-rc.1"])?, [false, true, false]);
        Ok(())
    }

    #[test]
    fn range_with_parts_left_out_means_all_of_them() -> anyhow::Result<()> {
        assert_eq!(held(">1.2", &["1.2.9", "1.3.0"])?, [false, true]);
        assert_eq!(held("<=1.2", &["1.2.9", "1.3.0-rc.1"])?, [true, false]);
        assert_eq!(held("1.2.*", &["1.1.9", "1.2.9", "1.3.0"])?, [false, true, false]);
        assert_eq!(held("*", &["0.0.1", "9.0.0-rc.1"])?, [true, true]);
        Ok(())
    }
}
