//! Schemas of closed sets of words, written from the words themselves.

use ostiary_model::Role;
use ostiary_model::audit::{ActorKind, AuditAction, ObjectKind};
use ostiary_model::decision::{EndingResult, Outcome};
use ostiary_model::grant::Mode;
use ostiary_model::server::{OnLimitsUnavailable, OnToolChange};
use ostiary_model::tool::{Category, Risk};
use ostiary_model::tool_change::ToolChangeKind;
use ostiary_risk::{FindingCode, FindingSeverity};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.into_iter().collect::<Vec<_>>())).build()
}

fn or_null(object: Object) -> Object {
    let mut object = object;
    object.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    if let Some(values) = &mut object.enum_values {
        values.push(serde_json::Value::Null);
    }
    object
}

macro_rules! schemas {
    ($($(#[$doc:meta])* $name:ident / $nullable:ident => $words:expr;)+) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name() -> Object {
                words($words)
            }

            $(#[$doc])*
            #[must_use]
            pub fn $nullable() -> Object {
                or_null($name())
            }
        )+
    };
}

schemas! {
    /// A role.
    role / role_or_null => Role::ALL.iter().map(|word| word.as_str());
    /// A mode of a binding.
    mode / mode_or_null => Mode::ALL.iter().map(|word| word.as_str());
    /// An outcome of a call.
    outcome / outcome_or_null => Outcome::ALL.iter().map(|word| word.as_str());
    /// An ending of a call.
    ending_result / ending_result_or_null => EndingResult::ALL.iter().map(|word| word.as_str());
    /// A category of tools.
    category / category_or_null => Category::ALL.iter().map(|word| word.as_str());
    /// A risk of tools.
    risk / risk_or_null => Risk::ALL.iter().map(|word| word.as_str());
    /// A kind of caller.
    actor_kind / actor_kind_or_null => ActorKind::ALL.iter().map(|word| word.as_str());
    /// Something that is done.
    audit_action / audit_action_or_null => AuditAction::ALL.iter().map(|word| word.as_str());
    /// A kind of object.
    object_kind / object_kind_or_null => ObjectKind::ALL.iter().map(|word| word.as_str());
    /// What can be wrong with a definition.
    finding_code / finding_code_or_null => FindingCode::ALL.iter().map(|word| word.as_str());
    /// How grave that is.
    finding_severity / finding_severity_or_null => FindingSeverity::ALL.iter().map(|word| word.as_str());
    /// What happened to a tool.
    tool_change_kind / tool_change_kind_or_null => ToolChangeKind::ALL.iter().map(|word| word.as_str());
    /// What happens to a changed tool.
    on_tool_change / on_tool_change_or_null => OnToolChange::ALL.iter().map(|word| word.as_str());
    /// What happens without counters.
    on_limits_unavailable / on_limits_unavailable_or_null => OnLimitsUnavailable::ALL.iter().map(|word| word.as_str());
}
