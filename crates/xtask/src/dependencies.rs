//! Licences, banned crates and sources, by the rules of `deny.toml`, without the network: what `cargo deny` checks
//! from the lock file alone. Where `cargo deny` is installed it runs besides, with the advisories it has.

mod licence;
mod rules;

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::bail;
use cargo_metadata::{MetadataCommand, Package};

use self::rules::Rules;
use crate::exec::{self, Show};
use crate::tally::Tally;
use crate::{cargo, paths, tools};

/// Checks every package of the lock file.
///
/// # Errors
/// What is wrong with which.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    check().map(drop)
}

/// As [`run`], for a table of steps.
///
/// # Errors
/// As [`run`].
pub(crate) fn check() -> anyhow::Result<Tally> {
    let rules = Rules::read(&paths::root().join("deny.toml"))?;
    let metadata = MetadataCommand::new()
        .manifest_path(paths::root().join("Cargo.toml"))
        .other_options(["--locked".to_owned(), "--offline".to_owned()])
        .exec()?;
    let used = used()?;
    let packages =
        metadata.packages.iter().filter(|package| used.contains(&format!("{} {}", package.name, package.version)));
    let wrong: Vec<String> = packages.flat_map(|package| faults(&rules, package)).collect();
    if !wrong.is_empty() {
        bail!("dependencies:\n  {}", wrong.join("\n  "));
    }
    advisories()
}

/// Name and version of what is built in some way, on some system. The lock file, and `cargo metadata` with it, have
/// parts of features that nobody asks for, too.
fn used() -> anyhow::Result<BTreeSet<String>> {
    let arguments = ["tree", "--workspace", "--locked", "--offline", "--target", "all", "--prefix", "none"];
    let output = cargo::command(&arguments).args(["--edges", "normal,build,dev", "--format", "{p}"]).output()?;
    if !output.status.success() {
        bail!("cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let words = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some(format!("{} {}", words.next()?, words.next()?.trim_start_matches('v')))
    });
    Ok(words.collect())
}

fn faults(rules: &Rules, package: &Package) -> Vec<String> {
    let Some(source) = &package.source else { return Vec::new() };
    let name = format!("{} {}", package.name, package.version);
    let mut wrong = Vec::new();
    if !source.is_crates_io() {
        wrong.push(format!("{name} comes from {}", source.repr));
    }
    if let Some(reason) = rules.banned(&package.name) {
        wrong.push(format!("{name} is banned: {reason}"));
    }
    match &package.license {
        Some(expression) if licence::is_allowed(expression, &|licence| rules.allows(licence)) => {}
        Some(expression) => wrong.push(format!("{name} has the licence {expression}")),
        None => wrong.push(format!("{name} states no licence")),
    }
    wrong
}

/// Known weaknesses, where the tool and its database are on the machine.
fn advisories() -> anyhow::Result<Tally> {
    if tools::find("cargo-deny").is_none() {
        eprintln!("    cargo-deny is not installed: advisories are not looked at");
        return Ok(Tally::default());
    }
    let mut deny = Command::new("cargo");
    deny.args(["deny", "--offline", "check", "advisories"]).current_dir(paths::root());
    exec::run(&mut deny, Show::OnFailure)?;
    Ok(Tally::default())
}
