//! Programs of the machine: found, installed where that is allowed, or named in one line.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exec::{self, Show};

/// The path of a program, looked up as a shell would.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

/// Whether node and npm are there, and node is new enough to build the dashboard.
pub(crate) fn has_node() -> bool {
    let version = || {
        let output = Command::new("node").arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.trim().strip_prefix('v')?.split('.').next()?.parse::<u32>().ok()
    };
    find("npm").is_some() && version().is_some_and(|major| major >= 20)
}

/// A Chromium to drive: the one of `OSTIARY_CHROMIUM`, one that is installed, or one installed now.
///
/// # Errors
/// When there is none and none may be installed; the message says what to do.
pub(crate) fn chromium() -> anyhow::Result<PathBuf> {
    if let Some(given) = env::var_os("OSTIARY_CHROMIUM") {
        return Ok(given.into());
    }
    find_chromium().map_or_else(
        || {
            install(&["chromium"])?;
            find_chromium().context("chromium was installed but cannot be found; set OSTIARY_CHROMIUM to its path")
        },
        Ok,
    )
}

fn find_chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].into_iter().find_map(find)
}

/// A Python that can make virtual environments.
///
/// # Errors
/// When there is none and none may be installed.
pub(crate) fn python() -> anyhow::Result<PathBuf> {
    let able = |path: &PathBuf| {
        let probe = Command::new(path).args(["-c", "import venv, ensurepip"]).output();
        probe.is_ok_and(|output| output.status.success())
    };
    if let Some(path) = find("python3").filter(able) {
        return Ok(path);
    }
    install(&["python3", "python3-venv"])?;
    find("python3").filter(able).context("python3 was installed but cannot make virtual environments")
}

/// The programs of a PostgreSQL server, for tests and for the check of the SQL.
///
/// # Errors
/// When there are none and none may be installed.
pub(crate) fn postgres() -> anyhow::Result<()> {
    if has_postgres() {
        return Ok(());
    }
    install(&["postgresql"])?;
    if has_postgres() { Ok(()) } else { bail!("postgresql was installed but its programs cannot be found") }
}

/// Debian keeps them out of the path, by version.
fn has_postgres() -> bool {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    find("initdb").is_some() || installed.map(|entry| entry.path().join("bin/initdb")).any(|path| is_executable(&path))
}

/// The programs of a Redis server, for tests.
///
/// # Errors
/// When there are none and none may be installed.
pub(crate) fn redis() -> anyhow::Result<()> {
    let is_there = || find("redis-server").is_some() && find("redis-cli").is_some();
    if is_there() {
        return Ok(());
    }
    install(&["redis-server", "redis-tools"])?;
    if is_there() { Ok(()) } else { bail!("redis-server was installed but its programs cannot be found") }
}

/// A program of the system, installed with the package of that name where it is missing.
///
/// # Errors
/// When there is none and none may be installed.
pub(crate) fn program(name: &str, package: &str) -> anyhow::Result<PathBuf> {
    // Servers are not on the path of everybody.
    let found = || find(name).or_else(|| Some(Path::new("/usr/sbin").join(name)).filter(|path| is_executable(path)));
    if let Some(path) = found() {
        return Ok(path);
    }
    install(&[package])?;
    found().with_context(|| format!("{package} was installed but {name} cannot be found"))
}

/// Installs packages of Debian and its relatives.
///
/// # Errors
/// When this is another system, or the user may not install; the message names what is missing.
fn install(packages: &[&str]) -> anyhow::Result<()> {
    let names = packages.join(" ");
    let Some(apt) = find("apt-get") else {
        bail!("{names} is missing; install it with the package manager of this system");
    };
    if !is_root() {
        bail!("{names} is missing; install it with `sudo apt-get install {names}`");
    }
    eprintln!("    installing {names}");
    exec::run(Command::new(&apt).arg("update"), Show::OnFailure)?;
    exec::run(
        Command::new(&apt)
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
        Show::Stream,
    )?;
    Ok(())
}

fn is_root() -> bool {
    #[cfg(unix)]
    {
        rustix::process::geteuid().is_root()
    }
    #[cfg(not(unix))]
    {
        false
    }
}
