//! Annotations against each other, and against what the tool does.

use serde_json::Value;

use super::{Finding, FindingCode, FindingSeverity};
use crate::{Category, Definition, classify};

/// From what certainty on the classifier is taken against the server's word; a contradiction has lowered it already.
const CERTAIN: f64 = 0.79;

/// The contradiction, if there is one.
pub(super) fn find(definition: &Definition<'_>) -> Option<Finding> {
    let annotations = definition.annotations?;
    let hint = |name: &str| annotations.get(name).and_then(Value::as_bool);
    let contradiction = |place: &str, severity, message: String| Finding {
        code: FindingCode::ContradictingAnnotations,
        severity,
        place: format!("annotations.{place}"),
        message,
    };
    if hint("readOnlyHint") == Some(true) && hint("destructiveHint") == Some(true) {
        let message = "It claims to be read-only and destructive at once.".to_owned();
        return Some(contradiction("destructiveHint", FindingSeverity::Low, message));
    }
    // What the definition says without the claims.
    let seen = classify(&Definition { annotations: None, ..*definition });
    let is_critical = seen.category >= Category::Destructive;
    if hint("readOnlyHint") == Some(true)
        && seen.category > Category::Read
        && (is_critical || seen.confidence > CERTAIN)
    {
        let severity = if is_critical { FindingSeverity::High } else { FindingSeverity::Medium };
        let message = format!("It claims to be read-only; name and description say {}.", seen.category.as_str());
        return Some(contradiction("readOnlyHint", severity, message));
    }
    if hint("destructiveHint") == Some(false) && seen.category == Category::Destructive && seen.confidence > CERTAIN {
        let message = "It claims not to be destructive; name and description say that it is.".to_owned();
        return Some(contradiction("destructiveHint", FindingSeverity::Medium, message));
    }
    None
}
