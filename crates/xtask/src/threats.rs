//! The tests that `docs/THREAT-MODEL.md` names are there: a control that nothing shows is a hope.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::paths;
use crate::tally::Tally;

/// The head of the last column of its tables.
const SHOWN_BY: &str = "Shown by";

/// Looks for every test that is named.
///
/// # Errors
/// The names of those that are not there, and the threats that name none.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    check().map(drop)
}

/// As [`run`], for a table of steps.
///
/// # Errors
/// As [`run`].
pub(crate) fn check() -> anyhow::Result<Tally> {
    let path = paths::root().join("docs/THREAT-MODEL.md");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let rows = rows(&text);
    let mut sources = String::new();
    for directory in ["crates", "web/src", "web/e2e"] {
        read(&paths::root().join(directory), &mut sources)?;
    }
    let mut wrong = Vec::new();
    for (threat, tests) in rows {
        if tests.is_empty() {
            wrong.push(format!("`{threat}` names no test"));
        }
        let missing = tests.into_iter().filter(|test| !is_there(&sources, test));
        wrong.extend(missing.map(|test| format!("`{threat}` names `{test}`, which is not there")));
    }
    if wrong.is_empty() { Ok(Tally::default()) } else { bail!("docs/THREAT-MODEL.md:\n  {}", wrong.join("\n  ")) }
}

/// The first cell of each threat, and the tests in its last one.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let mut rows = Vec::new();
    let mut is_table = false;
    for line in text.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if !line.starts_with('|') {
            is_table = false;
        } else if cells.last() == Some(&SHOWN_BY) {
            is_table = true;
        } else if is_table
            && !line.starts_with("|---")
            && let (Some(threat), Some(tests)) = (cells.first(), cells.last())
        {
            let named = tests.split('`').skip(1).step_by(2).map(str::to_owned);
            rows.push(((*threat).to_owned(), named.collect()));
        }
    }
    rows
}

fn is_there(sources: &str, test: &str) -> bool {
    // Cases of a contract are functions, too.
    sources.contains(&format!("fn {test}("))
}

fn read(directory: &Path, sources: &mut String) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                read(&path, sources)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "ts") {
            sources.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_tables_that_name_tests() {
        let text = "| a | b |\n|---|---|\n| x | `no` |\n\n| Threat | Shown by |\n|---|---|\n| T | `one` and `two` |\n\
                    | U | nothing |\n\n| V | `other` |\n";
        let expected = [("T".to_owned(), vec!["one".to_owned(), "two".to_owned()]), ("U".to_owned(), vec![])];
        assert_eq!(rows(text), expected);
    }
}
