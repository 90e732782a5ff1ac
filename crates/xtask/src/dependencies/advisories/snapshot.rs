//! The file `deny-advisories.toml`: facts of the advisory database, in a form of our own and without its texts, and the
//! exceptions that were made.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use cargo_metadata::semver::VersionReq;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What stands above everything else.
const HEAD: &str = "\
# What the RustSec advisory database says about the crates of Cargo.lock; facts only. Written by
# `cargo xtask dependencies --advisories DIR`; only exceptions are written by hand:
#
# [[exception]]
# id = \"RUSTSEC-2026-0000\"
# until = \"2026-12-31\"
# reason = \"why it does not matter here, and what will end it\"

";

/// The file.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshot {
    /// The day of the database that was read.
    pub(super) read: NaiveDate,
    /// Every crate that was looked up, those without advisories, too.
    pub(super) looked_up: BTreeSet<String>,
    #[serde(default, rename = "exception", skip_serializing_if = "Vec::is_empty")]
    pub(super) exceptions: Vec<Exception>,
    #[serde(default, rename = "advisory")]
    pub(super) advisories: Vec<Advisory>,
}

/// An advisory that is let be for a time.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    pub(super) id: String,
    /// The last day on which it is let be.
    pub(super) until: NaiveDate,
    pub(super) reason: String,
}

/// What is known of one weakness of one crate.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advisory {
    pub(super) id: String,
    #[serde(rename = "crate")]
    pub(super) name: String,
    pub(super) date: NaiveDate,
    pub(super) kind: Kind,
    /// Versions in which it is mended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) patched: Vec<VersionReq>,
    /// Versions that never had it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unaffected: Vec<VersionReq>,
    /// Its names elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
}

/// What an advisory is about.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// Something that an attacker can use.
    Vulnerability,
    /// A safe interface with which undefined behaviour can be had.
    Unsound,
    /// Nobody mends the crate any more.
    Unmaintained,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Vulnerability => "vulnerability",
            Self::Unsound => "unsound",
            Self::Unmaintained => "unmaintained",
        }
    }
}

impl Snapshot {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not there, has another form, or holds an exception without a reason.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("cannot read {}", path.display()))
    }

    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let snapshot: Self = toml::from_str(text)?;
        if let Some(silent) = snapshot.exceptions.iter().find(|exception| exception.reason.trim().is_empty()) {
            bail!("the exception for {} gives no reason", silent.id);
        }
        Ok(snapshot)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// None that this form can meet.
    pub(super) fn to_text(&self) -> anyhow::Result<String> {
        Ok(format!("{HEAD}{}", toml::to_string_pretty(self)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "read = \"2026-10-09\"\nlooked_up = [\"h2\"]\n\
        [[exception]]\nid = \"RUSTSEC-2026-0258\"\nuntil = \"2026-12-01\"\nreason = \"said \\\"later\\\"\"\n\
        [[advisory]]\nid = \"RUSTSEC-2026-0258\"\ncrate = \"h2\"\ndate = \"2026-08-17\"\nkind = \"vulnerability\"\n\
        patched = [\">= 0.4.16\"]\n";

    #[test]
    fn snapshot_written_and_read_again_is_the_same() -> anyhow::Result<()> {
        let text = Snapshot::parse(TEXT)?.to_text()?;
        assert_eq!(Snapshot::parse(&text)?.to_text()?, text);
        assert!(text.contains("patched = [\">=0.4.16\"]") && text.contains("later"), "{text}");
        Ok(())
    }

    #[test]
    fn snapshot_with_an_exception_without_a_reason_is_refused() {
        let text = TEXT.replace("said \\\"later\\\"", " ");
        assert!(Snapshot::parse(&text).is_err());
    }

    #[test]
    fn snapshot_with_a_field_that_is_not_known_is_refused() {
        let text = TEXT.replace("patched", "patches");
        assert!(Snapshot::parse(&text).is_err());
    }
}
