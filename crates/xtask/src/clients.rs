//! What the tests with foreign MCP clients need: npm packages and a Python environment.

use std::path::Path;
use std::process::Command;

use crate::exec::{self, Show};
use crate::{hash, paths, tools};

/// Installs the npm packages of `tests/clients`, `tests/servers` and `tests/conformance`, unless they are there.
///
/// # Errors
/// npm's.
pub(crate) fn install_npm() -> anyhow::Result<()> {
    [paths::clients(), paths::servers(), paths::conformance()]
        .iter()
        .try_for_each(|directory| install_npm_in(directory))
}

/// Installs the npm packages of a directory with a lock file, unless they are there.
///
/// # Errors
/// npm's.
pub(crate) fn install_npm_in(directory: &Path) -> anyhow::Result<()> {
    let stamp = directory.join("node_modules").join(".ostiary-stamp");
    let fingerprint = hash::of(directory, &["package.json", "package-lock.json"], &[])?;
    if hash::is_stamped(&stamp, &fingerprint) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(directory);
    exec::run(&mut npm, Show::OnFailure)?;
    hash::stamp(&stamp, &fingerprint)
}

/// Makes the Python environments with the packages of `tests/clients` and `tests/servers`, unless they are there.
///
/// # Errors
/// Python's or pip's; no Python, where none may be installed.
pub(crate) fn install_python() -> anyhow::Result<()> {
    install_python_in(&paths::target().join("clients-venv"), &paths::clients())?;
    install_python_in(&paths::target().join("servers-venv"), &paths::servers())
}

/// Makes a Python environment with the packages of a directory's `requirements.txt`, unless it is there.
///
/// # Errors
/// Python's or pip's; no Python, where none may be installed.
pub(crate) fn install_python_in(environment: &Path, directory: &Path) -> anyhow::Result<()> {
    let stamp = environment.join(".ostiary-stamp");
    let fingerprint = hash::of(directory, &["requirements.txt"], &[])?;
    if hash::is_stamped(&stamp, &fingerprint) {
        return Ok(());
    }
    let python = tools::python()?;
    exec::run(Command::new(python).args(["-m", "venv", "--clear"]).arg(environment), Show::OnFailure)?;
    exec::run(
        Command::new(environment.join("bin").join("python"))
            .args(["-m", "pip", "install", "--quiet", "--requirement", "requirements.txt"])
            .current_dir(directory),
        Show::OnFailure,
    )?;
    hash::stamp(&stamp, &fingerprint)
}
