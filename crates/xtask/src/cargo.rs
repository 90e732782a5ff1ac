//! Cargo, as a person would call it from the root of the workspace.

use std::env;
use std::process::Command;

use crate::paths;

/// A cargo command.
///
/// Xtask itself runs under `cargo run`, which describes xtask's package in variables. Build scripts that ask cargo to
/// watch those would run again, and everything above them, each time xtask and a person take turns: they are removed.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(paths::root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let describes_xtask = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || matches!(text.as_ref(), "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE");
        if describes_xtask {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Builds the program in the profile that tests use.
pub(crate) fn build_program() -> Command {
    command(&["build", "--package", "ostiary-gateway", "--bin", "ostiary"])
}
