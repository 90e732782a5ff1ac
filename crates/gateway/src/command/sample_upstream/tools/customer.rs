//! People.

use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::schemars::{self, JsonSchema};
use rmcp::{tool, tool_router};
use serde::{Deserialize, Serialize};

use crate::command::sample_upstream::server::SampleServer;
use crate::command::sample_upstream::shop::Customer;

#[derive(Deserialize, JsonSchema)]
struct CustomersRequest {
    /// An ISO 3166 code, to see one country's customers only
    country: Option<String>,
    /// How many to show at most
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 100))]
    limit: usize,
}

fn fifty() -> usize {
    50
}

#[derive(Serialize, JsonSchema)]
struct Customers {
    customers: Vec<Customer>,
}

#[derive(Deserialize, JsonSchema)]
struct DeletionRequest {
    /// Such as `cus_1`
    customer_id: String,
    /// Must be true
    confirm: bool,
}

#[derive(Deserialize, JsonSchema)]
struct MessageRequest {
    /// Who it is for
    to: String,
    /// The way it takes
    channel: Channel,
    /// What it says
    #[schemars(length(min = 1, max = 2000))]
    text: String,
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Channel {
    Email,
    Sms,
    Chat,
}

#[derive(Serialize, JsonSchema)]
struct Message {
    id: String,
    channel: Channel,
    /// How many characters it has
    length: usize,
}

#[tool_router(router = customer_tools, vis = "pub(in crate::command::sample_upstream)")]
impl SampleServer {
    #[tool(
        description = "List the shop's customers",
        annotations(title = "List customers", read_only_hint = true, open_world_hint = false)
    )]
    fn list_customers(
        &self,
        Parameters(CustomersRequest { country, limit }): Parameters<CustomersRequest>,
    ) -> Json<Customers> {
        let shop = self.shop.open();
        let wanted = |customer: &&Customer| country.as_ref().is_none_or(|country| customer.country == *country);
        Json(Customers { customers: shop.customers.values().filter(wanted).take(limit).cloned().collect() })
    }

    #[tool(
        description = "Delete a customer and all invoices of theirs; cannot be undone",
        annotations(
            title = "Delete customer",
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn delete_customer(
        &self,
        Parameters(DeletionRequest { customer_id, confirm }): Parameters<DeletionRequest>,
    ) -> Result<String, String> {
        if !confirm {
            return Err("nothing was deleted: confirm must be true".to_owned());
        }
        let mut shop = self.shop.open();
        shop.customers.remove(&customer_id).ok_or("there is no such customer")?;
        shop.invoices.retain(|_, invoice| invoice.customer_id != customer_id);
        Ok(format!("{customer_id} is gone"))
    }

    #[tool(
        description = "Send somebody a message; in this sample it goes nowhere",
        annotations(
            title = "Send message",
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    fn send_message(
        &self,
        Parameters(MessageRequest { to, channel, text }): Parameters<MessageRequest>,
    ) -> Result<Json<Message>, String> {
        if to.trim().is_empty() {
            return Err("the message needs somebody it is for".to_owned());
        }
        Ok(Json(Message { id: self.shop.open().next_id("msg"), channel, length: text.chars().count() }))
    }
}
