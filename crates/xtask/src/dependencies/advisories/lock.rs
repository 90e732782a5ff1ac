//! What `Cargo.lock` holds of other people's crates.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use cargo_metadata::semver::Version;
use serde::Deserialize;

/// One version of a crate of a registry.
#[derive(Debug)]
pub(super) struct Locked {
    pub(super) name: String,
    pub(super) version: Version,
}

#[derive(Deserialize)]
struct LockFile {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Version,
    /// The workspace's own crates have none.
    source: Option<String>,
}

/// Reads a lock file.
///
/// # Errors
/// When it is not there, or is none.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Locked>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("cannot read {}", path.display()))
}

/// As [`read`], from the text. Everything that is locked counts, features that nobody asks for included: what is not
/// built today is built after one changed line.
pub(super) fn parse(text: &str) -> anyhow::Result<Vec<Locked>> {
    let file: LockFile = toml::from_str(text)?;
    let foreign = file.package.into_iter().filter(|package| package.source.is_some());
    Ok(foreign.map(|Package { name, version, .. }| Locked { name, version }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_of_a_workspace_is_what_came_from_elsewhere() -> anyhow::Result<()> {
        let text = "version = 4\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\"h2\"]\n\
                    [[package]]\nname = \"h2\"\nversion = \"0.4.20\"\nsource = \"registry+https://example.org\"\n";
        let names: Vec<String> = parse(text)?.into_iter().map(|locked| locked.name).collect();
        assert_eq!(names, ["h2"]);
        Ok(())
    }
}
