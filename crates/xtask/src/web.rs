//! The dashboard: its packages, its build, its checks.

use std::fs::{self, File};
use std::process::Command;
use std::time::SystemTime;

use anyhow::Context as _;

use crate::exec::{self, Show};
use crate::tally::Tally;
use crate::{hash, paths};

/// What is built, or installed, and not a source.
const OUTPUT: &[&str] = &["node_modules", "dist"];

/// An npm command in the dashboard's directory.
pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(paths::web()).env("NO_COLOR", "1").env("npm_config_fund", "false");
    command
}

/// Installs the packages of the lock file, unless they are there.
///
/// # Errors
/// npm's.
pub(crate) fn install() -> anyhow::Result<()> {
    let web = paths::web();
    let stamp = web.join("node_modules").join(".ostiary-stamp");
    let fingerprint = hash::of(&web, &["package.json", "package-lock.json"], &[])?;
    if hash::is_stamped(&stamp, &fingerprint) {
        return Ok(());
    }
    eprintln!("    npm ci");
    exec::run(&mut npm(&["ci", "--no-audit"]), Show::OnFailure)?;
    hash::stamp(&stamp, &fingerprint)
}

/// Builds the dashboard, unless nothing under `web/` changed since it was built.
///
/// # Errors
/// npm's.
pub(crate) fn build() -> anyhow::Result<()> {
    let web = paths::web();
    let stamp = paths::own().join("dashboard.stamp");
    let fingerprint = hash::of(&web, &["."], OUTPUT)?;
    if web.join("dist").join("index.html").is_file() && hash::is_stamped(&stamp, &fingerprint) {
        eprintln!("    nothing under web/ changed");
        return Ok(());
    }
    install()?;
    eprintln!("    npm run build");
    exec::run(&mut npm(&["run", "build"]), Show::OnFailure)?;
    embed_again()?;
    hash::stamp(&stamp, &fingerprint)
}

/// Makes cargo compile the module that embeds the dashboard again: it notices when an embedded file changed, but not
/// when the first one appeared.
fn embed_again() -> anyhow::Result<()> {
    let source = paths::root().join("crates/gateway/src/dashboard.rs");
    let file =
        File::options().append(true).open(&source).with_context(|| format!("cannot open {}", source.display()))?;
    file.set_modified(SystemTime::now())?;
    Ok(())
}

/// Lints and type-checks the sources.
///
/// # Errors
/// npm's.
pub(crate) fn check() -> anyhow::Result<Tally> {
    install()?;
    exec::run(&mut npm(&["run", "lint"]), Show::OnFailure)?;
    exec::run(&mut npm(&["run", "typecheck"]), Show::OnFailure)?;
    Ok(Tally::default())
}

/// Runs the unit tests.
///
/// # Errors
/// When npm cannot be started, or fails without a test that failed.
pub(crate) fn test() -> anyhow::Result<Tally> {
    install()?;
    let (succeeded, output) = exec::run_to_end(&mut npm(&["test"]), Show::OnFailure)?;
    let tally = Tally::of_vitest(&output);
    if !succeeded && tally.failed == 0 {
        anyhow::bail!("the dashboard's tests ended with an error");
    }
    Ok(tally)
}

/// Writes the typed client's schema from the OpenAPI document.
///
/// # Errors
/// npm's.
pub(crate) fn generate() -> anyhow::Result<()> {
    install()?;
    exec::run(&mut npm(&["run", "generate"]), Show::OnFailure)?;
    Ok(())
}

/// Whether the dashboard's sources are there.
pub(crate) fn exists() -> bool {
    fs::exists(paths::web().join("package.json")).unwrap_or(false)
}
