//! A checkout of the RustSec advisory database: a directory for each crate, in it a Markdown file for each advisory that
//! begins with a block of TOML.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use cargo_metadata::semver::VersionReq;
use chrono::NaiveDate;
use serde::Deserialize;

use super::snapshot::{Advisory, Kind};

/// The block of TOML, the fields that are needed of it.
#[derive(Deserialize)]
struct Front {
    advisory: Head,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    package: String,
    date: NaiveDate,
    withdrawn: Option<NaiveDate>,
    informational: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<VersionReq>,
    #[serde(default)]
    unaffected: Vec<VersionReq>,
}

/// The day of the newest commit of the checkout.
///
/// # Errors
/// When it is no checkout.
pub(super) fn date(database: &Path) -> anyhow::Result<NaiveDate> {
    let output = Command::new("git").arg("-C").arg(database).args(["log", "-1", "--format=%cs"]).output()?;
    if !output.status.success() {
        bail!("git log in {}: {}", database.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().with_context(|| format!("git gave the date `{}`", text.trim()))
}

/// The advisories on the crates of these names, in their order.
///
/// # Errors
/// The file that cannot be understood.
pub(super) fn advisories(database: &Path, names: &BTreeSet<String>) -> anyhow::Result<Vec<Advisory>> {
    let crates = database.join("crates");
    if !crates.is_dir() {
        bail!("{} is no checkout of the advisory database: it has no directory `crates`", database.display());
    }
    let mut found = Vec::new();
    for directory in names.iter().map(|name| crates.join(name)).filter(|directory| directory.is_dir()) {
        for path in published(&directory)? {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            found.extend(parse(&text).with_context(|| format!("cannot read {}", path.display()))?);
        }
    }
    Ok(found)
}

/// The files of a crate in their order, without drafts, which have no number yet.
fn published(directory: &Path) -> anyhow::Result<BTreeSet<std::path::PathBuf>> {
    let mut paths = BTreeSet::new();
    for entry in fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("RUSTSEC-") && !name.starts_with("RUSTSEC-0000-") && name.ends_with(".md") {
            paths.insert(path);
        }
    }
    Ok(paths)
}

/// One advisory; none when it was withdrawn or only tells something.
fn parse(text: &str) -> anyhow::Result<Option<Advisory>> {
    let front = text.split_once("```toml").and_then(|(_, rest)| rest.split_once("```"));
    let (front, _) = front.context("it does not begin with a block of TOML")?;
    let Front { advisory, versions } = toml::from_str(front)?;
    let kind = match advisory.informational.as_deref() {
        None => Kind::Vulnerability,
        Some("unsound") => Kind::Unsound,
        Some("unmaintained") => Kind::Unmaintained,
        Some(_) => return Ok(None),
    };
    if advisory.withdrawn.is_some() {
        return Ok(None);
    }
    Ok(Some(Advisory {
        id: advisory.id,
        name: advisory.package,
        date: advisory.date,
        kind,
        patched: versions.patched,
        unaffected: versions.unaffected,
        aliases: advisory.aliases,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(fields: &str) -> String {
        format!(
            "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"one\"\ndate = \"2026-08-17\"\n{fields}\n\
             categories = [\"denial-of-service\"]\n\n[affected.functions]\n\"one::two\" = [\"< 0.4.16\"]\n\n\
             [versions]\npatched = [\">= 0.4.16\"]\nunaffected = [\"< 0.2.0\"]\n```\n\n# Title\n\n```toml\nx\n```\n"
        )
    }

    #[test]
    fn advisory_of_the_database_is_its_facts() -> anyhow::Result<()> {
        let advisory = parse(&file("aliases = [\"CVE-2026-1\"]"))?.context("it is published")?;
        assert_eq!((advisory.id.as_str(), advisory.name.as_str()), ("RUSTSEC-2026-0001", "one"));
        assert_eq!((advisory.date.to_string().as_str(), advisory.kind), ("2026-08-17", Kind::Vulnerability));
        assert_eq!(advisory.patched, [VersionReq::parse(">=0.4.16")?]);
        assert_eq!(advisory.unaffected, [VersionReq::parse("<0.2.0")?]);
        assert_eq!(advisory.aliases, ["CVE-2026-1"]);
        Ok(())
    }

    #[test]
    fn advisory_that_informs_is_of_its_kind_or_left_out() -> anyhow::Result<()> {
        let kind = |fields| anyhow::Ok(parse(&file(fields))?.map(|advisory| advisory.kind));
        assert_eq!(kind("informational = \"unsound\"")?, Some(Kind::Unsound));
        assert_eq!(kind("informational = \"unmaintained\"")?, Some(Kind::Unmaintained));
        assert_eq!(kind("informational = \"notice\"")?, None);
        assert_eq!(kind("withdrawn = \"2026-09-01\"")?, None);
        Ok(())
    }

    #[test]
    fn advisories_of_a_checkout_are_those_of_the_names_without_drafts() -> anyhow::Result<()> {
        let database = tempfile::tempdir()?;
        for (name, id) in [("one", "2026-0001"), ("one", "0000-0000"), ("two", "2026-0002")] {
            let directory = database.path().join("crates").join(name);
            fs::create_dir_all(&directory)?;
            fs::write(directory.join(format!("RUSTSEC-{id}.md")), file(""))?;
        }
        let names = BTreeSet::from(["one".to_owned(), "three".to_owned()]);
        assert_eq!(advisories(database.path(), &names)?.len(), 1);
        assert!(advisories(&database.path().join("crates"), &names).is_err());
        Ok(())
    }
}
