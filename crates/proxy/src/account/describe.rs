//! What the account's endpoint says of itself: what its servers say, together.

use std::sync::Arc;

use futures_util::future::join_all;
use ostiary_mcp::discover::ServerFacts;
use ostiary_mcp::version::Era;
use serde_json::{Map, Value, json};

use crate::stage::authenticate::Visitor;
use crate::state::State;

/// The lists, each of which says here that it tells of changes.
const LISTS: [&str; 3] = ["tools", "prompts", "resources"];

/// What else is carried.
const OTHERS: [&str; 2] = ["completions", "logging"];

/// Longest text for models, in bytes.
const INSTRUCTIONS_MAX_BYTES: usize = 16 * 1024;

/// The endpoint as a server, raw.
pub(super) fn server_info(visitor: &Visitor) -> String {
    json!({"name": visitor.grant.account_slug.as_str(), "title": "Ostiary", "version": env!("CARGO_PKG_VERSION")})
        .to_string()
}

/// What there is behind the endpoint, as far as is known; a server that does not answer soon counts with what was stored.
/// `client` is the era of the client: where a server is of another, some of what it offers cannot be carried.
pub(super) async fn facts(state: &Arc<State>, visitor: &Visitor, client: Era) -> ServerFacts {
    let callers: Vec<_> = visitor.callers().collect();
    let facts = join_all(callers.iter().map(|caller| state.known.facts(state, caller, None))).await;
    let mut capabilities = Map::new();
    let mut instructions = String::new();
    for (caller, (era, facts)) in callers.iter().zip(facts) {
        let of_server: Map<String, Value> = serde_json::from_str(&facts.capabilities).unwrap_or_default();
        for list in LISTS.into_iter().filter(|list| of_server.contains_key(*list)) {
            let said = capabilities.entry(list).or_insert_with(|| json!({"listChanged": true}));
            let can_subscribe = of_server.get(list).and_then(|of_list| of_list.get("subscribe")) == Some(&json!(true));
            // A subscription to one resource is a request of a session here and a part of a stream there.
            if let Some(said) = said.as_object_mut().filter(|_| can_subscribe && era == client) {
                said.insert("subscribe".to_owned(), json!(true));
            }
        }
        for other in OTHERS.into_iter().filter(|other| of_server.contains_key(*other)) {
            capabilities.insert(other.to_owned(), json!({}));
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
