//! A denial as the agent sees it: a tool result to read and adapt to, with the reason for machines beside it.

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

use crate::envelope::RequestId;
use crate::error::{RpcError, codes};
use crate::version::Era;

/// A denial.
#[derive(Debug, Clone)]
pub struct Denial<'a> {
    /// The sentence for the agent, without a prefix. It holds no argument value, address or secret.
    pub text: &'a str,
    /// Whether a person may still allow it; the text then begins otherwise.
    pub approval_required: bool,
    /// The reason for machines.
    pub decision: DecisionMeta<'a>,
}

/// The decision behind a denial, under `_meta["ostiary/decision"]`.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionMeta<'a> {
    /// The decision's id.
    pub id: &'a str,
    /// The reason's stable code, as the agent may know it.
    pub code: &'a str,
    /// A JSON pointer to the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'a str>,
    /// The version of the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<u64>,
    /// When the same call may pass, in milliseconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The limit that was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitMeta<'a>>,
    /// Where a person can allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalMeta<'a>>,
}

/// A limit that was reached.
#[derive(Debug, Clone, Serialize)]
pub struct LimitMeta<'a> {
    /// The counter's name.
    pub counter: &'a str,
    /// The window, as the policy writes it.
    pub window: Window<'a>,
    /// The most that the window may hold.
    pub max: Amount,
    /// What it held before this call.
    pub used: Amount,
}

/// A window, as the policy writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Window<'a> {
    /// By its name.
    Named(&'a str),
    /// By its length.
    Seconds(u64),
}

/// An approval that is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct ApprovalMeta<'a> {
    /// The approval's id.
    pub id: &'a str,
    /// The page where a person decides.
    pub url: &'a str,
    /// When it is too late, RFC 3339.
    pub expires_at: &'a str,
}

/// An amount in millionths, written exactly: 1500000 is `1.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub u64);

const MICRO: u64 = 1_000_000;

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, part) = (self.0 / MICRO, self.0 % MICRO);
        if part == 0 {
            return serializer.serialize_u64(whole);
        }
        // A raw number: a float would not hold every amount.
        let text = format!("{whole}.{part:06}");
        RawValue::from_string(text.trim_end_matches('0').to_owned()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    jsonrpc: &'static str,
    id: RequestId<'a>,
    result: ToolResult<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    is_error: bool,
    content: [Text<'a>; 1],
    #[serde(rename = "_meta")]
    meta: Meta<'a>,
}

#[derive(Serialize)]
struct Text<'a> {
    r#type: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct Meta<'a> {
    #[serde(rename = "ostiary/decision")]
    decision: &'a DecisionMeta<'a>,
}

impl Denial<'_> {
    /// The denial of a `tools/call`: a result marked as an error. Goes with HTTP status 200.
    #[must_use]
    pub fn to_tool_result(&self, id: RequestId<'_>, era: Era) -> Vec<u8> {
        let text = self.marked_text();
        let result = ToolResult {
            result_type: (era == Era::Modern).then_some("complete"),
            is_error: true,
            content: [Text { r#type: "text", text: &text }],
            meta: Meta { decision: &self.decision },
        };
        // What cannot be written must still be refused.
        serde_json::to_vec(&Body { jsonrpc: "2.0", id, result })
            .unwrap_or_else(|_| RpcError::new(codes::DENIED, text).body(Some(id)))
    }

    /// The denial of any other request: a JSON-RPC error with the same object as its data. Goes with HTTP status 200.
    #[must_use]
    pub fn to_error(&self, id: RequestId<'_>) -> Vec<u8> {
        RpcError::new(codes::DENIED, self.marked_text()).with_data(&self.decision).body(Some(id))
    }

    fn marked_text(&self) -> String {
        let mark = if self.approval_required { "[APPROVAL REQUIRED]" } else { "[POLICY DENIED]" };
        format!("{mark} {}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::envelope::Envelope;

    const CALL: &[u8] = br#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#;

    fn id() -> RequestId<'static> {
        Envelope::parse(CALL).unwrap().id().unwrap()
    }

    fn denial() -> Denial<'static> {
        Denial {
            text: "create_session allows 10 calls per minute; try again in 42 s.",
            approval_required: false,
            decision: DecisionMeta {
                id: "dec_1",
                code: "limit_exceeded",
                rule: Some("/tools/create_session/limits/0"),
                policy_version: Some(3),
                retry_after_ms: Some(41_870),
                limit: Some(LimitMeta {
                    counter: "create_session_rate",
                    window: Window::Named("minute"),
                    max: Amount(10 * MICRO),
                    used: Amount(10 * MICRO),
                }),
                approval: None,
            },
        }
    }

    #[test]
    fn tool_result_of_a_limit_is_as_the_policy_page_shows() {
        let body: Value = serde_json::from_slice(&denial().to_tool_result(id(), Era::Legacy)).unwrap();
        let expected = json!({ "jsonrpc": "2.0", "id": 7, "result": {
            "isError": true,
            "content": [{ "type": "text",
                "text": "[POLICY DENIED] create_session allows 10 calls per minute; try again in 42 s." }],
            "_meta": { "ostiary/decision": { "id": "dec_1", "code": "limit_exceeded",
                "rule": "/tools/create_session/limits/0", "policy_version": 3, "retry_after_ms": 41870,
                "limit": { "counter": "create_session_rate", "window": "minute", "max": 10, "used": 10 } } } } });
        assert_eq!(body, expected);
    }

    #[test]
    fn tool_result_for_a_modern_client_is_complete() {
        let body: Value = serde_json::from_slice(&denial().to_tool_result(id(), Era::Modern)).unwrap();
        assert_eq!(body["result"]["resultType"], "complete");
    }

    #[test]
    fn error_of_an_approval_says_so_and_links_it() {
        let mut denial = denial();
        denial.approval_required = true;
        denial.decision.approval =
            Some(ApprovalMeta { id: "apr_1", url: "https://x/a", expires_at: "2026-01-01T00:00:00Z" });
        let body: Value = serde_json::from_slice(&denial.to_error(id())).unwrap();
        assert_eq!(body["error"]["code"], -31001);
        assert!(body["error"]["message"].as_str().unwrap().starts_with("[APPROVAL REQUIRED] "));
        assert_eq!(body["error"]["data"]["approval"]["id"], "apr_1");
    }

    #[test]
    fn amount_is_written_exactly() {
        for (micro, text) in
            [(0, "0"), (1, "0.000001"), (1_500_000, "1.5"), (4_000_000_000_000_001, "4000000000.000001")]
        {
            assert_eq!(serde_json::to_string(&Amount(micro)).unwrap(), text);
        }
    }
}
