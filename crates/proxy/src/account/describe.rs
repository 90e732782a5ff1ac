//! What the account's endpoint says of itself: what its servers say, together.

use std::sync::Arc;

use futures_util::future::join_all;
use ostiary_mcp::discover::ServerFacts;
use serde_json::{Map, Value, json};

use crate::stage::authenticate::Visitor;
use crate::state::State;

/// What every list here says of changes, and of what the gateway carries; subscriptions to single resources, levels of
/// logs and tasks are not carried.
const LISTS: [&str; 3] = ["tools", "prompts", "resources"];

/// Longest text for models, in bytes.
const INSTRUCTIONS_MAX_BYTES: usize = 16 * 1024;

/// The endpoint as a server, raw.
pub(super) fn server_info(visitor: &Visitor) -> String {
    json!({"name": visitor.grant.account_slug.as_str(), "title": "Ostiary", "version": env!("CARGO_PKG_VERSION")})
        .to_string()
}

/// What there is behind the endpoint, as far as is known; a server that does not answer soon counts with what was stored.
pub(super) async fn facts(state: &Arc<State>, visitor: &Visitor) -> ServerFacts {
    let callers: Vec<_> = visitor.callers().collect();
    let facts = join_all(callers.iter().map(|caller| state.known.facts(state, caller, None))).await;
    let mut capabilities = Map::new();
    let mut instructions = String::new();
    for (caller, (_, facts)) in callers.iter().zip(facts) {
        let of_server: Map<String, Value> = serde_json::from_str(&facts.capabilities).unwrap_or_default();
        for list in LISTS.into_iter().filter(|list| of_server.contains_key(*list)) {
            capabilities.insert(list.to_owned(), json!({"listChanged": true}));
        }
        if of_server.contains_key("completions") {
            capabilities.insert("completions".to_owned(), json!({}));
        }
        let text = facts.instructions.as_deref().and_then(|raw| serde_json::from_str::<String>(raw).ok());
        if let Some(text) = text.filter(|text| instructions.len() + text.len() < INSTRUCTIONS_MAX_BYTES) {
            instructions.push_str(&format!("# {}\n\n{text}\n\n", caller.server().slug));
        }
    }
    // An endpoint without a list is taken for one that is broken.
    capabilities.entry("tools").or_insert_with(|| json!({"listChanged": true}));
    ServerFacts {
        capabilities: Value::Object(capabilities).to_string(),
        server_info: Some(server_info(visitor)),
        instructions: Some(instructions).filter(|text| !text.is_empty()).map(|text| Value::String(text).to_string()),
    }
}
