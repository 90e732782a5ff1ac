//! Which upstream a call is for, and what it is called there.

use bytes::Bytes;
use ostiary_mcp::capability::EditError;
use ostiary_mcp::envelope::{Reference, Request};
use ostiary_mcp::merge::{with_param, with_reference};
use ostiary_mcp::method::Method;
use ostiary_mcp::prefix::{is_shortened, split_name, split_uri, tool_name};

use crate::inventory::InventoryError;
use crate::refusal::Refusal;
use crate::stage::authenticate::{Caller, Visitor};
use crate::stage::parse::Message;
use crate::state::State;

/// The caller at the upstream, and the request as the upstream has to get it.
///
/// # Errors
///
/// Invalid params where the name is none of this endpoint's. A name that is one goes on, whether the server has such a
/// thing or not: that is for the policy and the inventory to say.
pub(super) async fn of(
    state: &State,
    visitor: &Visitor,
    message: &Message<'_>,
    request: &Request<'_>,
) -> Result<(Caller, Bytes), Refusal> {
    let params = &request.params;
    match (request.method, &params.reference) {
        (Method::Complete, Some(Reference::Prompt(name))) => {
            let (server, name) = split_name(name).ok_or_else(unknown)?;
            Ok((at(visitor, server)?, edited(with_reference(message.body, "name", name))?))
        }
        (Method::Complete, Some(Reference::Resource(uri))) => {
            let (server, uri) = split_uri(uri).ok_or_else(unknown)?;
            Ok((at(visitor, server)?, edited(with_reference(message.body, "uri", uri))?))
        }
        (Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe, _) => {
            let (server, uri) = params.uri.as_deref().and_then(split_uri).ok_or_else(unknown)?;
            Ok((at(visitor, server)?, edited(with_param(message.body, "uri", Some(uri)))?))
        }
        (Method::ToolsCall, _) => {
            let name = params.name.as_deref().ok_or_else(unknown)?;
            let (caller, tool) = tool(state, visitor, name).await?;
            Ok((caller, edited(with_param(message.body, "name", Some(&tool)))?))
        }
        (Method::PromptsGet, _) => {
            let (server, name) = params.name.as_deref().and_then(split_name).ok_or_else(unknown)?;
            Ok((at(visitor, server)?, edited(with_param(message.body, "name", Some(name)))?))
        }
        _ => Err(Refusal::unknown_method()),
    }
}

/// The server of a tool, and what it calls the tool.
async fn tool(state: &State, visitor: &Visitor, name: &str) -> Result<(Caller, String), Refusal> {
    let (server, tool) = split_name(name).ok_or_else(unknown)?;
    let caller = at(visitor, server)?;
    if !is_shortened(name) {
        return Ok((caller, tool.to_owned()));
    }
    let inventory = caller.endpoint.inventory(&state.inventories, visitor.grant.epoch).await;
    let inventory = inventory.map_err(|error| match error {
        InventoryError::Gone => unknown(),
        InventoryError::Unavailable => Refusal::unavailable(),
    })?;
    let whole = inventory.names().find(|whole| tool_name(server, whole) == name).map(str::to_owned);
    // One that stands for nothing may be as long as that by itself.
    let tool = whole.unwrap_or_else(|| tool.to_owned());
    Ok((caller, tool))
}

fn at(visitor: &Visitor, server: &str) -> Result<Caller, Refusal> {
    visitor.at(server).ok_or_else(unknown)
}

fn edited(body: Result<Vec<u8>, EditError>) -> Result<Bytes, Refusal> {
    body.map(Bytes::from)
        .map_err(|_| Refusal::invalid_params("the params must be those of the method, each written once"))
}

/// The same for a server that does not exist and one that is not for this grant.
fn unknown() -> Refusal {
    Refusal::invalid_params(
        "names here are `<server>__<name>` and `ostiary+<server>:<uri>`, of servers that you may use",
    )
}
