//! Two prompts.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{PromptMessage, Role};
use rmcp::schemars::{self, JsonSchema};
use rmcp::{prompt, prompt_router};
use serde::Deserialize;

use super::server::SampleServer;

#[derive(Deserialize, JsonSchema)]
struct ApologyRequest {
    /// Who is written to
    customer: String,
    /// What went wrong
    problem: String,
}

#[prompt_router(router = "shop_prompts", vis = "pub(super)")]
impl SampleServer {
    #[prompt(description = "Write to a customer about something that went wrong")]
    async fn apology(
        &self,
        Parameters(ApologyRequest { customer, problem }): Parameters<ApologyRequest>,
    ) -> Vec<PromptMessage> {
        let text = format!("Write a short, honest apology to {customer}. What went wrong: {problem}");
        vec![PromptMessage::new_text(Role::User, text)]
    }

    #[prompt(description = "Go through the day's refunds")]
    async fn refund_review(&self) -> Vec<PromptMessage> {
        let text = "List today's refunds, name those above 500, and say for each whether its reason is good enough.";
        vec![PromptMessage::new_text(Role::User, text)]
    }
}
