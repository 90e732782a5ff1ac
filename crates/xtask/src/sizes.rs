//! No source file grows too long to be read.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::paths;
use crate::tally::Tally;

/// Lines a file may have, tests not counted.
const MOST_LINES: usize = 800;

/// Names that are not walked into: output, other people's code, tests.
const SKIPPED: &[&str] =
    &["target", "node_modules", "dist", "tests", "e2e", "fuzz", "benches", "tests.rs", "schema.d.ts"];

/// Refuses files that are too long.
///
/// # Errors
/// The files that are too long, all of them.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    check().map(drop)
}

/// As [`run`], for a table of steps.
///
/// # Errors
/// As [`run`].
pub(crate) fn check() -> anyhow::Result<Tally> {
    let mut long = Vec::new();
    for directory in ["crates", "web/src"] {
        walk(&paths::root().join(directory), &mut long)?;
    }
    if long.is_empty() {
        return Ok(Tally::default());
    }
    bail!("files with more than {MOST_LINES} lines:\n  {}", long.join("\n  "))
}

fn walk(path: &Path, long: &mut Vec<String>) -> anyhow::Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if SKIPPED.contains(&name) || !path.exists() {
        return Ok(());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
            walk(&entry?.path(), long)?;
        }
    } else if matches!(path.extension().and_then(|extension| extension.to_str()), Some("rs" | "ts" | "tsx")) {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let lines = lines_without_tests(&text);
        if lines > MOST_LINES {
            long.push(format!("{} ({lines})", path.display()));
        }
    }
    Ok(())
}

/// Lines before the tests that stand at the end of a file.
fn lines_without_tests(text: &str) -> usize {
    let mut count = 0;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.starts_with("mod tests {")) {
            break;
        }
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_tests_stop_at_the_test_module() {
        assert_eq!(lines_without_tests("a\nb\n#[cfg(test)]\nmod tests {\n}\n"), 2);
        assert_eq!(lines_without_tests("a\n#[cfg(test)]\nmod tests;\nb\n"), 4);
    }
}
