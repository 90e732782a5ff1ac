//! What the agent sees of a call that is refused.

use ostiary_mcp::envelope::Request;
use ostiary_mcp::method::Method;
use ostiary_mcp::tool_result::{self, Amount, DecisionMeta, LimitMeta, Window};
use ostiary_mcp::version::Era;
use ostiary_model::DecisionId;
use ostiary_policy::{Denial, DenialCode, RulePointer, WindowName};

use crate::stage::authenticate::Caller;

/// The answer to a refused call: a tool result that a model can read, or a JSON-RPC error where there is no such thing.
pub(crate) fn answer(
    denial: &Denial,
    decision_id: DecisionId,
    caller: &Caller,
    request: &Request<'_>,
    era: Era,
) -> Vec<u8> {
    let id = decision_id.to_string();
    let code = denial.agent_code();
    // SECURITY: what is hidden, not listed or unknown must look the same, so the rule that tells them apart is not told.
    let rule = denial.rule.as_ref().filter(|_| code == denial.code.as_str()).map(RulePointer::as_str);
    let policy_version = caller.endpoint.policy.as_ref().and_then(|policy| u64::try_from(policy.version).ok());
    let seen = tool_result::Denial {
        text: denial.agent_message(),
        approval_required: denial.code == DenialCode::ApprovalRequired,
        decision: DecisionMeta {
            id: &id,
            code,
            rule,
            policy_version,
            retry_after_ms: denial.retry_after_ms,
            limit: denial.limit.as_ref().map(|limit| LimitMeta {
                counter: &limit.counter,
                window: window(limit.window),
                max: Amount(limit.max.micros()),
                used: Amount(limit.used.micros()),
            }),
            approval: None,
        },
    };
    if request.method == Method::ToolsCall { seen.to_tool_result(request.id, era) } else { seen.to_error(request.id) }
}

const fn window(name: WindowName) -> Window<'static> {
    match name {
        WindowName::Named(unit) => Window::Named(unit.as_str()),
        WindowName::Seconds(seconds) => Window::Seconds(seconds),
        WindowName::Concurrent(_) => Window::Named("concurrent"),
    }
}
