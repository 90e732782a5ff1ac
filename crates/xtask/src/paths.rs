//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    // This crate is two directories below the root; the path is that of the sources it was built from.
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_owned()
}

/// The directory that cargo builds in.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// What xtask keeps for itself: stamps, logs, the Python environment.
pub(crate) fn own() -> PathBuf {
    target().join("xtask")
}

/// The built program, in the profile's directory.
pub(crate) fn program(release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    target().join(profile).join(format!("ostiary{}", std::env::consts::EXE_SUFFIX))
}

/// The sources of the dashboard.
pub(crate) fn web() -> PathBuf {
    root().join("web")
}

/// What the files of `deploy/` are checked with.
pub(crate) fn deploy_checks() -> PathBuf {
    root().join("tests").join("deploy")
}

/// Foreign MCP servers that are scanned.
pub(crate) fn servers() -> PathBuf {
    root().join("tests").join("servers")
}

/// The scripts that drive foreign MCP clients and servers.
pub(crate) fn clients() -> PathBuf {
    root().join("tests").join("clients")
}

/// The protocol's conformance suite, with the server and the client that it judges.
pub(crate) fn conformance() -> PathBuf {
    root().join("tests").join("conformance")
}
