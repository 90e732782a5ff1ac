//! The OpenAPI document, made from the handlers.

mod conventions;

use std::collections::BTreeSet;

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Ref, RefOr, SecurityRequirement};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::dto::policy::PolicyDocumentRequest;
use crate::dto::problem::Problem;
use crate::dto::simulate::SimulationStep;
use crate::router::{PREFIX, operations};
use crate::state::ApiState;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ostiary",
        description = "The REST API of Ostiary, a gateway that decides every MCP call by policy.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "auth", description = "Signing up, in and out; passwords and sessions."),
        (name = "account", description = "The caller and their accounts."),
        (name = "members", description = "Who belongs to the account, and who is invited."),
        (name = "servers", description = "Upstream servers and their tools."),
        (name = "policies", description = "Policies and their versions."),
        (name = "grants", description = "What agents hold."),
        (name = "api-keys", description = "Keys for this API."),
        (name = "catalogue", description = "Public servers and their tools."),
        (name = "decisions", description = "The log of calls."),
        (name = "audit-events", description = "The log of changes.")
    ),
    components(schemas(Problem, PolicyDocumentRequest, SimulationStep)),
    modifiers(&Security)
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(ostiary_auth::session::cookie::NAME, "A signed-in browser.");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key, `ost_key_…`."));
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer.build()));
        let none: [&str; 0] = [];
        openapi.security =
            Some(vec![SecurityRequirement::new("session", none), SecurityRequirement::new("api_key", none)]);
    }
}

/// The OpenAPI document of everything under `/api/v1`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let router: OpenApiRouter<ApiState> = OpenApiRouter::with_openapi(Document::openapi());
    let mut document = router.nest(PREFIX, operations()).into_openapi();
    state_what_is_sent(&mut document);
    conventions::apply(&mut document);
    document
}

/// Members of answers are always sent, null or not, which `Option` does not say; what comes in
/// takes no members that it does not know.
fn state_what_is_sent(document: &mut utoipa::openapi::OpenApi) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        match schema {
            RefOr::T(Schema::Object(object)) if name.ends_with("Request") => {
                object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
            RefOr::T(Schema::Object(object)) if !SENT_IN_PART.contains(&name.as_str()) => {
                let all: BTreeSet<String> = object.properties.keys().cloned().collect();
                object.required = all.into_iter().collect();
                if let Some(item) = name.strip_prefix("Page_")
                    && let Some(items) = object.properties.get_mut("items")
                {
                    refer_to(item, items);
                }
            }
            _ => {}
        }
    }
}

/// The items of a page are the schema of their own that they are elsewhere, not a copy of it.
fn refer_to(item: &str, items: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Array(array)) = items {
        array.items = ArrayItems::RefOrSchema(Box::new(RefOr::Ref(Ref::from_schema_name(item))));
    }
}

/// Answers that leave members out.
const SENT_IN_PART: [&str; 2] = ["Problem", "PolicyChange"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openapi_document_is_the_one_checked_in() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/openapi.json");
        let stored = std::fs::read_to_string(path).expect("docs/reference/openapi.json");
        let made = serde_json::to_string_pretty(&openapi()).expect("serialises");
        assert!(stored.trim_end() == made, "docs/reference/openapi.json is stale: run `cargo xtask codegen`");
    }

    #[test]
    fn openapi_references_all_resolve() {
        let text = serde_json::to_string(&openapi()).expect("serialises");
        let document = openapi();
        let schemas = &document.components.as_ref().expect("components").schemas;
        for name in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
