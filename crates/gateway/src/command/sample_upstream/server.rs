//! The server as the protocol sees it.

use std::sync::Arc;

use rmcp::handler::server::router::prompt::PromptRouter;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::model::{
    Implementation, ListResourceTemplatesResult, ListResourcesResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, prompt_handler, tool_handler};

use super::resources;
use super::shop::Shop;

/// One session's view of the shop.
#[derive(Clone)]
pub(super) struct SampleServer {
    pub(super) shop: Arc<Shop>,
    tools: ToolRouter<Self>,
    prompts: PromptRouter<Self>,
}

impl Default for SampleServer {
    fn default() -> Self {
        Self {
            shop: Arc::default(),
            tools: Self::payment_tools() + Self::customer_tools() + Self::office_tools(),
            prompts: Self::shop_prompts(),
        }
    }
}

#[tool_handler(router = self.tools)]
#[prompt_handler(router = self.prompts)]
impl ServerHandler for SampleServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_prompts().enable_resources().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("ostiary-sample", env!("CARGO_PKG_VERSION")))
            .with_instructions("An invented shop to try policies on. Nothing here is real, and nothing leaves it.")
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(resources::list()))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        resources::read(&self.shop, &request.uri).map(Into::into)
    }
}
