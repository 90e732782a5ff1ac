//! Documents of policies, as the REST API speaks of them.

use ostiary_edge::FieldError;
use ostiary_model::server::OnToolChange;
use ostiary_model::{Server, Tool};
use ostiary_policy::{Category, Document, InputSchema, Inventory, Metadata, Risk, Severity, ToolFacts};
use serde_json::Value;

use crate::dto::policy::{Diagnostic, DiagnosticSeverity, DocumentText};
use crate::error::ApiError;

/// Reads a document that is about to be saved.
///
/// # Errors
///
/// [`ApiError::InvalidPolicy`] with every error, at pointers into the body.
pub fn parse(text: &DocumentText) -> Result<Document, ApiError> {
    ostiary_policy::parse(&text.0).map_err(|errors| {
        let errors = errors
            .into_iter()
            .map(|error| FieldError::new(format!("/document{}", error.pointer), error.code.as_str(), error.message));
        ApiError::InvalidPolicy(errors.collect())
    })
}

/// A stored document as a value, for showing it.
#[must_use]
pub fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// A remark, as it goes over the wire.
#[must_use]
pub fn diagnostic(diagnostic: ostiary_policy::Diagnostic) -> Diagnostic {
    Diagnostic {
        severity: match diagnostic.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
        },
        code: diagnostic.code.as_str().to_owned(),
        pointer: diagnostic.pointer,
        message: diagnostic.message,
        line: diagnostic.position.map(|position| position.line),
        column: diagnostic.position.map(|position| position.column),
    }
}

/// What policies may know of a server's tools.
#[must_use]
pub fn inventory(server: &Server, tools: &[Tool]) -> Inventory {
    let mut inventory = Inventory::default();
    for tool in tools {
        inventory.insert(tool.name.clone(), facts(server, tool));
    }
    inventory
}

fn facts(server: &Server, tool: &Tool) -> ToolFacts {
    // Both crates have the same words.
    let mut facts = ToolFacts::new(tool.category().as_str().parse().unwrap_or(Category::Other));
    facts.risk = tool.risk().as_str().parse::<Risk>().ok();
    let part = |name: &str| tool.definition.get(name).map(Value::to_string);
    facts.annotations =
        part("annotations").and_then(|text| Metadata::parse(&text).ok()).unwrap_or_else(Metadata::empty);
    facts.input_schema = part("inputSchema").map(InputSchema::new);
    facts.is_changed = !tool.is_accepted();
    facts.is_quarantined = !tool.is_accepted() && server.on_tool_change == OnToolChange::Quarantine;
    facts
}
