//! Decides calls, in the order of the language's page. Total: every call gets an answer.

mod access;
mod tool;

pub(crate) use access::{prompt, resource};
pub(crate) use tool::ToolCall;

use crate::call::{Arguments, Call, Subject};
use crate::decision::{Denial, Evaluation, Proceed};
use crate::json;
use crate::limit::LimitPlan;
use crate::program::{Body, Program};

impl Program {
    /// Decides one call. The same call gets the same answer; counters are not asked here.
    pub fn evaluate(&self, call: &Call<'_>) -> Evaluation {
        let rules = match &self.body {
            Body::Broken(reason) => return Evaluation::Denied(Denial::unreadable(reason)),
            Body::Rules(rules) => rules,
        };
        let denial = match call.subject {
            Subject::Tool { name, facts } => return ToolCall::new(rules, call, name, facts).evaluate(),
            Subject::Resource { uri } => access::resource(rules, uri),
            Subject::Prompt { name } => access::prompt(rules, name),
        };
        let ambiguous = || match call.arguments {
            Arguments::Absent => false,
            Arguments::Json(text) => !json::is_unambiguous(text),
            Arguments::Ambiguous => true,
        };
        match denial {
            Some(denial) => Evaluation::Denied(denial),
            None if ambiguous() => Evaluation::Denied(Denial::ambiguous()),
            None => Evaluation::Proceed(Proceed { approval: None, limits: Ok(LimitPlan::default()) }),
        }
    }
}
