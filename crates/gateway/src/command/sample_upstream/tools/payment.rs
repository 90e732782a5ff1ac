//! Money.

use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::schemars::{self, JsonSchema};
use rmcp::{tool, tool_router};
use serde::{Deserialize, Serialize};

use crate::command::sample_upstream::server::SampleServer;
use crate::command::sample_upstream::shop::Invoice;

#[derive(Deserialize, JsonSchema)]
struct SessionRequest {
    /// The amount to collect, in the currency's major unit
    #[schemars(range(min = 0.01, max = 1_000_000))]
    amount: f64,
    /// An ISO 4217 code
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    currency: String,
    /// Where the shopper goes afterwards
    #[schemars(url)]
    return_url: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Session {
    id: String,
    amount: f64,
    currency: String,
    payment_methods: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_url: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct WidgetTokenRequest {
    /// What the widget may do
    #[serde(default)]
    scope: WidgetScope,
    /// How long the token is good for, in seconds
    #[serde(default = "ten_minutes")]
    #[schemars(range(min = 60, max = 3600))]
    expires_in_seconds: u32,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WidgetScope {
    #[default]
    ReadAccounts,
    LinkAccounts,
}

fn ten_minutes() -> u32 {
    600
}

#[derive(Serialize, JsonSchema)]
struct WidgetToken {
    /// An invented token; it opens nothing
    access_token: String,
    scope: WidgetScope,
    expires_in_seconds: u32,
}

#[derive(Deserialize, JsonSchema)]
struct InvoiceRequest {
    /// Such as `inv_1`
    invoice_id: String,
}

#[derive(Deserialize, JsonSchema)]
struct RefundRequest {
    /// Such as `inv_1`
    invoice_id: String,
    /// The amount to give back, in the invoice's currency
    #[schemars(range(min = 0.01))]
    amount: f64,
    /// Why, for the books
    #[schemars(length(min = 1, max = 200))]
    reason: String,
}

#[derive(Serialize, JsonSchema)]
struct Refund {
    id: String,
    invoice_id: String,
    amount: f64,
    reason: String,
}

#[tool_router(router = payment_tools, vis = "pub(in crate::command::sample_upstream)")]
impl SampleServer {
    #[tool(
        description = "Open a checkout session: what a drop-in page or web component loads the payment methods with and runs the whole payment on",
        annotations(
            title = "Create checkout session",
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    fn create_session(
        &self,
        Parameters(SessionRequest { amount, currency, return_url }): Parameters<SessionRequest>,
    ) -> Result<Json<Session>, String> {
        positive(amount)?;
        let id = self.shop.open().next_id("cs");
        let payment_methods = ["card", "bank_transfer", "wallet"].map(str::to_owned).into();
        Ok(Json(Session { id, amount, currency, payment_methods, return_url }))
    }

    #[tool(
        description = "Create a short-lived access token with which the account-linking widget connects",
        annotations(
            title = "Create widget token",
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    fn create_widget_token(
        &self,
        Parameters(WidgetTokenRequest { scope, expires_in_seconds }): Parameters<WidgetTokenRequest>,
    ) -> Json<WidgetToken> {
        let access_token = self.shop.open().next_id("sample_widget_token");
        Json(WidgetToken { access_token, scope, expires_in_seconds: expires_in_seconds.clamp(60, 3600) })
    }

    #[tool(
        description = "Look an invoice up",
        annotations(title = "Get invoice", read_only_hint = true, open_world_hint = false)
    )]
    fn get_invoice(
        &self,
        Parameters(InvoiceRequest { invoice_id }): Parameters<InvoiceRequest>,
    ) -> Result<Json<Invoice>, String> {
        self.shop.open().invoices.get(&invoice_id).cloned().map(Json).ok_or_else(unknown_invoice)
    }

    #[tool(
        description = "Give money of an invoice back to the customer",
        annotations(
            title = "Create refund",
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    fn create_refund(
        &self,
        Parameters(RefundRequest { invoice_id, amount, reason }): Parameters<RefundRequest>,
    ) -> Result<Json<Refund>, String> {
        positive(amount)?;
        let mut shop = self.shop.open();
        let invoice = shop.invoices.get_mut(&invoice_id).ok_or_else(unknown_invoice)?;
        if invoice.refunded + amount > invoice.total {
            return Err("the refund is larger than what is left of the invoice".to_owned());
        }
        invoice.refunded += amount;
        let id = shop.next_id("ref");
        Ok(Json(Refund { id, invoice_id, amount, reason }))
    }
}

fn positive(amount: f64) -> Result<(), String> {
    if amount > 0.0 { Ok(()) } else { Err("the amount must be above zero".to_owned()) }
}

fn unknown_invoice() -> String {
    "there is no such invoice; they are called inv_1 to inv_5".to_owned()
}
