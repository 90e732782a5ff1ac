//! Generated files: written by `cargo xtask codegen`, compared by `cargo xtask ci`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exec::{self, Show};
use crate::tally::Tally;
use crate::{cargo, paths, tools, web};

/// Files that the program prints: where they are kept, and the arguments that print them.
const PRINTED: &[(&str, &[&str])] =
    &[("docs/reference/openapi.json", &["openapi"]), ("docs/reference/policy.schema.json", &["policy", "schema"])];

/// The dashboard's typed view of the API, made from the OpenAPI document.
const WEB_SCHEMA: &str = "web/src/api/schema.d.ts";

/// Writes every generated file again.
///
/// # Errors
/// What cannot be built, run or written.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    build()?;
    for (path, arguments) in PRINTED {
        let path = paths::root().join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, printed(arguments)?).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("    wrote {}", path.display());
    }
    if tools::has_node() {
        web::generate()?;
        eprintln!("    wrote {WEB_SCHEMA}");
    } else {
        eprintln!("    node is missing: {WEB_SCHEMA} stays as it is");
    }
    Ok(())
}

/// Checks that every generated file is what the sources make of it.
///
/// # Errors
/// The files that are stale, all of them.
pub(crate) fn check() -> anyhow::Result<Tally> {
    build()?;
    let mut stale = Vec::new();
    for (path, arguments) in PRINTED {
        if fs::read_to_string(paths::root().join(path)).unwrap_or_default() != printed(arguments)? {
            stale.push((*path).to_owned());
        }
    }
    stale.extend(changed_by(WEB_SCHEMA, web::generate)?);
    if stale.is_empty() {
        return Ok(Tally::default());
    }
    bail!("stale: {}; run `cargo xtask codegen` and `cargo xtask sqlx`, and commit what they write", stale.join(", "))
}

/// Runs a step that writes a path, and answers the path when its content changed.
fn changed_by(path: &str, step: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Option<String>> {
    let fingerprint = || crate::hash::of(&paths::root(), &[path], &[]);
    let before = fingerprint()?;
    step()?;
    Ok((before != fingerprint()?).then(|| path.to_owned()))
}

fn build() -> anyhow::Result<()> {
    exec::run(&mut cargo::build_program(), Show::OnFailure)?;
    Ok(())
}

fn printed(arguments: &[&str]) -> anyhow::Result<String> {
    let program: PathBuf = paths::program(false);
    let output = Command::new(&program)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !output.status.success() {
        bail!("`ostiary {}` failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}
