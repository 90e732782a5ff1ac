//! What a document allows and probably does not mean.

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::inventory::Inventory;

/// Warnings.
pub fn lint(_document: &Document, _inventory: Option<&Inventory>) -> Vec<Diagnostic> {
    Vec::new()
}
