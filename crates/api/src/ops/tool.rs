//! Tools, as they go over the wire.

use std::fmt::Write as _;

use ostiary_model::Tool;
use ostiary_model::tool::{Category, Risk};
use serde_json::Value;

use crate::dto::tool::{RecommendedPolicy, Tool as ToolDto, ToolOverride, ToolState};
use crate::ops::finding::Neighbourhood;
use crate::tag::Tag;

/// A tool, with what stands around it.
#[must_use]
pub fn tool(around: &Neighbourhood, tool: Tool) -> ToolDto {
    let text = |name: &str| tool.definition.get(name).and_then(Value::as_str).map(str::to_owned);
    let part = |name: &str| tool.definition.get(name).filter(|part| part.is_object()).cloned();
    ToolDto {
        title: text("title"),
        description: text("description"),
        annotations: part("annotations"),
        input_schema: part("inputSchema"),
        output_schema: part("outputSchema"),
        state: if tool.is_accepted() { ToolState::Accepted } else { ToolState::Changed },
        fingerprint: hex(&tool.fingerprint),
        category: tool.category(),
        risk: tool.risk(),
        classification: super::classify::explain(around.server(), &tool.definition),
        findings: around.findings(&tool),
        overridden: tool.overridden.as_ref().map(|overridden| ToolOverride {
            category: overridden.category,
            risk: overridden.risk,
            by: overridden.by.clone(),
            at: overridden.at,
        }),
        first_seen_at: tool.first_seen_at,
        last_seen_at: tool.last_seen_at,
        recommended_policy: RecommendedPolicy { document: super::classify::recommended(&tool) },
        name: tool.name,
        definition: tool.definition,
    }
}

/// The tag of a tool: of its definition, what was accepted of it, and what a person said of it. When it was last seen
/// makes no other tag, nor do its neighbours.
#[must_use]
pub fn tag(tool: &Tool) -> Tag {
    let said = tool.overridden.as_ref().map(|said| {
        let of = |category: Option<&'static str>| category.unwrap_or("-");
        let (category, risk) = (of(said.category.map(Category::as_str)), of(said.risk.map(Risk::as_str)));
        format!("{category} {risk} {} {}", said.at.timestamp_millis(), said.by)
    });
    Tag::of([tool.fingerprint.as_slice(), &tool.accepted_fingerprint, said.unwrap_or_default().as_bytes()])
}

/// A fingerprint as text.
#[must_use]
pub fn hex(fingerprint: &[u8; 32]) -> String {
    fingerprint.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A fingerprint from text.
#[must_use]
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_as_text_and_back_is_the_same() {
        let fingerprint = std::array::from_fn(|index| u8::try_from(index * 8 % 256).expect("in range"));
        assert_eq!(from_hex(&hex(&fingerprint)), Some(fingerprint));
    }

    #[test]
    fn fingerprint_of_another_shape_is_none() {
        for text in ["", "zz", &"g".repeat(64), &"0".repeat(63), &"ä".repeat(32)] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
