//! Licences, banned crates and sources, by the rules of `deny.toml`, and known weaknesses, by `deny-advisories.toml`, all
//! without the network. Where `cargo deny` is installed and has a database of advisories, it runs besides.

mod advisories;
mod licence;
mod rules;

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;
use cargo_metadata::{MetadataCommand, Package};
use chrono::Utc;

use self::rules::Rules;
use crate::exec::{self, Show};
use crate::tally::Tally;
use crate::{cargo, paths, tools};

/// Checks every package of the lock file; `--advisories DIR` writes `deny-advisories.toml` again instead, from a checkout
/// of the advisory database in that directory.
///
/// # Errors
/// What is wrong with which.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    match arguments {
        [] => check().map(drop),
        [option, database] if option == "--advisories" => advisories::refresh(&paths::root(), Path::new(database)),
        _ => bail!("usage: cargo xtask dependencies [--advisories DIR]"),
    }
}

/// As [`run`] without arguments, for a table of steps.
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
    let mut wrong: Vec<String> = packages.flat_map(|package| faults(&rules, package)).collect();
    let verdict = advisories::check(&paths::root(), Utc::now().date_naive())?;
    wrong.extend(verdict.faults);
    for warning in verdict.warnings {
        eprintln!("    warning: {warning}");
    }
    if !wrong.is_empty() {
        bail!("dependencies:\n  {}", wrong.join("\n  "));
    }
    cargo_deny()?;
    Ok(Tally::default())
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

/// What `cargo deny` says, where it and a database are on the machine: it knows what was published after our snapshot.
fn cargo_deny() -> anyhow::Result<()> {
    if tools::find("cargo-deny").is_none() || !has_database() {
        return Ok(());
    }
    let mut deny = Command::new("cargo");
    deny.args(["deny", "--offline", "check", "advisories"]).current_dir(paths::root());
    exec::run(&mut deny, Show::OnFailure)?;
    Ok(())
}

/// Whether `cargo deny` ever fetched advisories.
fn has_database() -> bool {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let databases = home.and_then(|home| home.join("advisory-dbs").read_dir().ok());
    databases.is_some_and(|mut databases| databases.next().is_some())
}
