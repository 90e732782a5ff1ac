//! What lists may show, by the same decision that calls get.

use crate::call::{Arguments, Call};
use crate::evaluate::{ToolCall, prompt, resource};
use crate::facts::ToolFacts;
use crate::program::{Body, Program};

impl Program {
    /// Whether `tools/list` may show a tool. One that is denied by name stays visible, so that an agent learns why.
    pub fn lists_tool(&self, name: &str, facts: Option<&ToolFacts>) -> bool {
        let Body::Rules(rules) = &self.body else { return false };
        // Neither step looks at anything but the name and the facts.
        let call = Call::tool(name, facts, Arguments::Absent, chrono::DateTime::UNIX_EPOCH);
        let call = ToolCall::new(rules, &call, name, facts);
        call.hidden().is_none() && call.unlisted().is_none()
    }

    /// Whether `resources/list` and `resources/templates/list` may show a URI.
    pub fn lists_resource(&self, uri: &str) -> bool {
        matches!(&self.body, Body::Rules(rules) if resource(rules, uri).is_none())
    }

    /// Whether `prompts/list` may show a prompt.
    pub fn lists_prompt(&self, name: &str) -> bool {
        matches!(&self.body, Body::Rules(rules) if prompt(rules, name).is_none())
    }
}
