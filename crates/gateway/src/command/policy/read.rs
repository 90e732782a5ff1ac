//! Reads the files that the policy commands are given.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use ostiary_policy::{Diagnostic, DiagnosticCode, Document, Inventory, Severity};

/// Reads a policy; the inner result has what is wrong with the document itself.
pub(super) fn policy(path: &Path) -> anyhow::Result<Result<Document, Vec<Diagnostic>>> {
    let bytes = std::fs::read(path).with_context(|| format!("the policy {} cannot be read", path.display()))?;
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) => ostiary_policy::parse(text),
        Err(_) => Err(vec![Diagnostic {
            severity: Severity::Error,
            code: DiagnosticCode::InvalidJson,
            pointer: String::new(),
            message: "the document is not UTF-8".to_owned(),
            position: None,
        }]),
    })
}

/// Reads an inventory, where one is named.
pub(super) fn inventory(path: Option<&Path>) -> anyhow::Result<Option<Inventory>> {
    let Some(path) = path else { return Ok(None) };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("the inventory {} cannot be read", path.display()))?;
    let inventory =
        Inventory::parse(&text).with_context(|| format!("the inventory {} cannot be used", path.display()))?;
    Ok(Some(inventory))
}

/// Writes findings, one a line.
pub(super) fn write_lines(out: &mut impl Write, found: &[Diagnostic]) -> std::io::Result<()> {
    found.iter().try_for_each(|diagnostic| writeln!(out, "{diagnostic}"))
}
