//! Which crate may depend on which. A rule that no tool checks is a wish.

use anyhow::{Context as _, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::paths;
use crate::tally::Tally;

/// The arrows between the crates of the workspace, without their prefix. What is not here is refused.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("policy", &[]),
    ("mcp", &[]),
    ("counters", &[]),
    ("risk", &[]),
    ("egress", &[]),
    ("edge", &[]),
    ("storage", &["model"]),
    ("storage-sqlite", &["storage", "model"]),
    ("storage-pg", &["storage", "model"]),
    ("auth", &["model"]),
    ("admission", &["model", "policy", "counters", "storage"]),
    ("api", &["model", "policy", "mcp", "storage", "auth", "egress", "edge", "risk"]),
    ("proxy", &["model", "policy", "mcp", "storage", "counters", "admission", "auth", "egress", "edge"]),
    (
        "gateway",
        &[
            "model",
            "policy",
            "mcp",
            "counters",
            "risk",
            "egress",
            "edge",
            "storage",
            "storage-sqlite",
            "storage-pg",
            "auth",
            "admission",
            "api",
            "proxy",
        ],
    ),
];

/// Crates from outside that only some of ours may see.
const KEPT: &[(&str, &[&str])] = &[
    ("axum", &["edge", "api", "gateway", "testkit"]),
    ("lettre", &["gateway"]),
    ("redis", &["counters", "admission"]),
    ("reqwest", &["egress", "api", "testkit", "trials"]),
    ("rmcp", &["api", "gateway", "testkit"]),
    // Xtask: behind a feature, for `cargo xtask sqlx` alone.
    ("sqlx", &["storage-sqlite", "storage-pg", "testkit", "trials", "xtask"]),
    (
        "tokio",
        &[
            "storage",
            "storage-sqlite",
            "storage-pg",
            "auth",
            "admission",
            "egress",
            "edge",
            "api",
            "proxy",
            "gateway",
            "testkit",
            "trials",
            "xtask",
        ],
    ),
];

/// May be used by tests of any crate, and by nothing that is shipped.
const TESTS_ONLY: &[&str] = &["testkit", "trials"];

/// Reads cargo's metadata and refuses every arrow that is not allowed.
///
/// # Errors
/// The arrows that are not allowed, all of them.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    check().map(drop)
}

/// As [`run`], for a table of steps.
///
/// # Errors
/// As [`run`].
pub(crate) fn check() -> anyhow::Result<Tally> {
    let metadata =
        MetadataCommand::new().current_dir(paths::root()).no_deps().exec().context("cargo metadata failed")?;
    let refused: Vec<String> = metadata.packages.iter().flat_map(refused).collect();
    if refused.is_empty() {
        return Ok(Tally::default());
    }
    bail!("dependencies that are not allowed:\n  {}", refused.join("\n  "))
}

fn refused(package: &Package) -> Vec<String> {
    let name = short(&package.name);
    let mut refused = Vec::new();
    for dependency in &package.dependencies {
        let to = short(&dependency.name);
        let is_ours = dependency.path.is_some();
        let allowed = if is_ours {
            allows(name, to, dependency.kind)
        } else {
            dependency.kind == DependencyKind::Development
                || KEPT.iter().find(|(kept, _)| *kept == to).is_none_or(|(_, crates)| crates.contains(&name))
        };
        if !allowed {
            refused.push(format!("{name} -> {to}"));
        }
    }
    if name != "xtask" && !TESTS_ONLY.contains(&name) && !ARROWS.iter().any(|(from, _)| *from == name) {
        refused.push(format!("{name} is in no table of crates/xtask/src/deps.rs"));
    }
    refused
}

/// Whether a crate of ours may depend on another.
fn allows(from: &str, to: &str, kind: DependencyKind) -> bool {
    match (from, to) {
        ("xtask", _) | (_, "xtask") => false,
        (from, _) if TESTS_ONLY.contains(&from) => true,
        (_, to) if TESTS_ONLY.contains(&to) => kind == DependencyKind::Development,
        // Tests may reach for any crate of the workspace: a backend, most often.
        _ if kind == DependencyKind::Development => true,
        _ => ARROWS.iter().any(|(name, allowed)| *name == from && allowed.contains(&to)),
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("ostiary-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_of_the_table_is_allowed_and_its_reverse_refused() {
        assert!(allows("storage-sqlite", "storage", DependencyKind::Normal));
        assert!(!allows("storage", "storage-sqlite", DependencyKind::Normal));
        assert!(!allows("proxy", "api", DependencyKind::Normal));
    }

    #[test]
    fn testkit_outside_tests_is_refused() {
        assert!(allows("gateway", "testkit", DependencyKind::Development));
        assert!(!allows("gateway", "testkit", DependencyKind::Normal));
    }

    #[test]
    fn table_of_arrows_has_no_circle() {
        // Each crate may only name crates that stand above it.
        for (position, (name, allowed)) in ARROWS.iter().enumerate() {
            for to in *allowed {
                let above = ARROWS.iter().take(position).any(|(other, _)| other == to);
                assert!(above, "{name} -> {to}");
            }
        }
    }
}
