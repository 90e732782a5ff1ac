//! What can be read: two texts, and every invoice.

use rmcp::ErrorData;
use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

use super::shop::Shop;

const TERMS: &str = "shop://terms";
const CATALOGUE: &str = "shop://catalogue";
const INVOICE: &str = "shop://invoices/";

const TERMS_TEXT: &str = "Goods go back within thirty days. Refunds above 500 need a second pair of eyes.";
const CATALOGUE_TEXT: &str = r#"[{"product":"notebook","price":4.5},{"product":"bicycle","price":640}]"#;

pub(super) fn list() -> Vec<Resource> {
    vec![
        Resource::new(TERMS, "terms").with_title("Terms of the shop").with_mime_type("text/plain"),
        Resource::new(CATALOGUE, "catalogue").with_title("What the shop sells").with_mime_type("application/json"),
    ]
}

pub(super) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(format!("{INVOICE}{{invoice_id}}"), "invoice")
            .with_title("One invoice")
            .with_mime_type("application/json"),
    ]
}

pub(super) fn read(shop: &Shop, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let text = match uri {
        TERMS => Some(TERMS_TEXT.to_owned()),
        CATALOGUE => Some(CATALOGUE_TEXT.to_owned()),
        _ => uri.strip_prefix(INVOICE).and_then(|id| {
            let shop = shop.open();
            serde_json::to_string(shop.invoices.get(id)?).ok()
        }),
    };
    let text = text.ok_or_else(|| ErrorData::resource_not_found("there is no such resource", None))?;
    Ok(ReadResourceResult::new(vec![ResourceContents::text(text, uri)]))
}
