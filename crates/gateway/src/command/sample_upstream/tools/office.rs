//! Work that takes its time, and things to try a connection with.

use std::time::Duration;

use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::schemars::{self, JsonSchema};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use serde::{Deserialize, Serialize};

use crate::command::sample_upstream::server::SampleServer;

/// The longest that a tool runs.
const MAX_STEPS: u32 = 60;

#[derive(Deserialize, JsonSchema)]
struct ReportRequest {
    /// What it is about
    kind: ReportKind,
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ReportKind {
    Revenue,
    Customers,
}

#[derive(Serialize, JsonSchema)]
struct Report {
    kind: ReportKind,
    /// One line for each currency or country
    lines: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
struct CountRequest {
    /// How far to count
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 60))]
    to: u32,
    /// How long each step takes, in milliseconds
    #[serde(default = "one_second")]
    #[schemars(range(min = 1, max = 5000))]
    step_ms: u64,
}

fn five() -> u32 {
    5
}

fn one_second() -> u64 {
    1000
}

#[derive(Deserialize, JsonSchema)]
struct PriceRequest {
    /// The product's name
    #[schemars(length(min = 1, max = 100))]
    product: String,
    /// The new price
    #[schemars(range(min = 0))]
    price: f64,
}

#[derive(Deserialize, JsonSchema)]
struct ExportRequest {
    /// Where the file goes, below `exports/`
    path: String,
}

#[derive(Deserialize, JsonSchema)]
struct EchoRequest {
    /// What to say back
    text: String,
}

#[tool_router(router = office_tools, vis = "pub(in crate::command::sample_upstream)")]
impl SampleServer {
    #[tool(
        description = "Add up the books",
        annotations(title = "Run report", read_only_hint = true, open_world_hint = false)
    )]
    fn run_report(&self, Parameters(ReportRequest { kind }): Parameters<ReportRequest>) -> Json<Report> {
        let shop = self.shop.open();
        let mut lines = std::collections::BTreeMap::new();
        match kind {
            ReportKind::Revenue => {
                for invoice in shop.invoices.values() {
                    *lines.entry(invoice.currency.as_str()).or_insert(0.0) += invoice.total - invoice.refunded;
                }
            }
            ReportKind::Customers => {
                for customer in shop.customers.values() {
                    *lines.entry(customer.country.as_str()).or_insert(0.0) += 1.0;
                }
            }
        }
        Json(Report { kind, lines: lines.into_iter().map(|(name, sum)| format!("{name} {sum}")).collect() })
    }

    #[tool(
        description = "Count slowly, telling the progress of it",
        annotations(title = "Count slowly", read_only_hint = true, open_world_hint = false)
    )]
    async fn count_slowly(
        &self,
        Parameters(CountRequest { to, step_ms }): Parameters<CountRequest>,
        context: RequestContext<RoleServer>,
    ) -> Result<String, String> {
        let to = to.clamp(1, MAX_STEPS);
        let step = Duration::from_millis(step_ms.clamp(1, 5000));
        let token = context.meta.get_progress_token();
        for number in 1..=to {
            tokio::select! {
                () = tokio::time::sleep(step) => {}
                () = context.ct.cancelled() => return Err(format!("stopped before {number}")),
            }
            if let Some(token) = &token {
                tell(&context, token, number, to).await;
            }
        }
        Ok(format!("counted to {to}"))
    }

    #[tool(
        description = "Set the price of a product; in this sample no price is kept",
        annotations(
            title = "Update price",
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn update_price(&self, Parameters(PriceRequest { product, price }): Parameters<PriceRequest>) -> String {
        format!("{product} now costs {price}")
    }

    #[tool(
        description = "Write all customers to a file; in this sample no file is written",
        annotations(
            title = "Export data",
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn export_data(&self, Parameters(ExportRequest { path }): Parameters<ExportRequest>) -> String {
        format!("{} customers would stand in {path}", self.shop.open().customers.len())
    }

    #[tool(
        description = "Say the same back",
        annotations(title = "Echo", read_only_hint = true, idempotent_hint = true, open_world_hint = false)
    )]
    fn echo(&self, Parameters(EchoRequest { text }): Parameters<EchoRequest>) -> String {
        text
    }
}

async fn tell(context: &RequestContext<RoleServer>, token: &ProgressToken, number: u32, to: u32) {
    let progress = ProgressNotificationParam::new(token.clone(), f64::from(number))
        .with_total(f64::from(to))
        .with_message(format!("{number} of {to}"));
    // Somebody who left hears nothing, and the count goes on until it is cancelled.
    let _ = context.peer.notify_progress(progress).await;
}
