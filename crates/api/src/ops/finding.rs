//! Findings in definitions, with what stands around a tool.

use ostiary_model::{AccountId, ServerId, Tool};
use ostiary_policy::InputSchema;
use ostiary_risk::{Definition, Surroundings};
use serde_json::Value;

use crate::dto::tool::Finding;
use crate::error::ApiError;
use crate::state::ApiState;

/// Names of other servers' tools that are looked for in texts.
const FOREIGN_MAX: u32 = 20_000;

/// The server of a tool, and the tools of the others.
#[derive(Debug)]
pub struct Neighbourhood {
    server: String,
    foreign: Vec<String>,
}

impl Neighbourhood {
    /// What stands around the tools of a server.
    ///
    /// # Errors
    ///
    /// As the store.
    pub async fn of(state: &ApiState, account_id: AccountId, id: ServerId, server: &str) -> Result<Self, ApiError> {
        let foreign = state.store.list_foreign_tool_names(account_id, id, FOREIGN_MAX).await?;
        Ok(Self { server: server.to_owned(), foreign })
    }

    /// The name of the server.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// What is wrong with a tool.
    #[must_use]
    pub fn findings(&self, tool: &Tool) -> Vec<Finding> {
        let schema = tool.definition.get("inputSchema").map(Value::to_string).map(InputSchema::new);
        let foreign: Vec<&str> = self.foreign.iter().map(String::as_str).collect();
        let surroundings = Surroundings {
            foreign_tools: &foreign,
            own_tools: &[],
            has_invalid_schema: schema.is_some_and(|schema| !schema.is_usable()),
        };
        let found = ostiary_risk::inspect(&Definition::from_json(&self.server, &tool.definition), &surroundings);
        found.into_iter().map(finding).collect()
    }
}

/// What is wrong with what a server says to every agent, and with the definitions of its tools together, which have so
/// many bytes.
#[must_use]
pub fn of_server(instructions: Option<&str>, bytes: i64) -> Vec<Finding> {
    let tokens = ostiary_risk::tokens_of_bytes(usize::try_from(bytes).unwrap_or_default());
    ostiary_risk::inspect_server(instructions, tokens).into_iter().map(finding).collect()
}

/// A finding.
#[must_use]
pub fn finding(found: ostiary_risk::Finding) -> Finding {
    Finding { code: found.code.as_str(), severity: found.severity.as_str(), place: found.place, message: found.message }
}
