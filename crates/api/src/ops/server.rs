//! Servers, as they go over the wire and come from it.

use std::collections::HashMap;

use http::HeaderMap;
use ostiary_auth::UpstreamHeader;
use ostiary_edge::FieldError;
use ostiary_model::{Account, AccountId, EntryKind, Server, ServerId, UpstreamAuth};
use ostiary_storage::ServerTotals;
use url::Url;

use crate::discovery::{Discovered, DiscoveryError};
use crate::dto::server::{
    Server as ServerDto, ServerAuth, ServerAuthRequest, ServerHealth, ServerHealthStatus, ServerIdentity,
    ServerInventory, Transport,
};
use crate::error::ApiError;
use crate::ops::entry::list;
use crate::ops::finding::of_server;
use crate::state::ApiState;

/// Most headers of one server.
const MAX_HEADERS: usize = 16;

/// A server, as it goes over the wire.
///
/// # Errors
///
/// As the store; [`ApiError::NotFound`] when it is being removed.
pub async fn server(state: &ApiState, account: &Account, server: Server) -> Result<ServerDto, ApiError> {
    servers(state, account, vec![server]).await?.pop().ok_or(ApiError::NotFound)
}

/// Servers of one account, as they go over the wire, in their order; without those that are being removed.
///
/// # Errors
///
/// As the store.
pub async fn servers(state: &ApiState, account: &Account, servers: Vec<Server>) -> Result<Vec<ServerDto>, ApiError> {
    let ids: Vec<ServerId> = servers.iter().map(|server| server.id).collect();
    let totals = state.store.list_server_totals(account.id, &ids).await?;
    let totals: HashMap<ServerId, ServerTotals> = totals.into_iter().map(|totals| (totals.id, totals)).collect();
    let written = servers.into_iter().filter_map(|server| {
        let totals = totals.get(&server.id)?;
        Some(written(state, account, server, totals))
    });
    Ok(written.collect())
}

fn written(state: &ApiState, account: &Account, server: Server, totals: &ServerTotals) -> ServerDto {
    let auth = match server.auth {
        UpstreamAuth::None => ServerAuth::None,
        UpstreamAuth::Headers { names, .. } => ServerAuth::Headers { header_names: names },
    };
    ServerDto {
        id: server.id,
        gateway_url: state.gateway_url(&account.slug, Some(&server.slug)),
        slug: server.slug,
        name: server.name,
        url: server.url.into(),
        transport: Transport::StreamableHttp,
        auth,
        on_tool_change: server.on_tool_change,
        on_limits_unavailable: server.on_limits_unavailable,
        findings: of_server(server.identity.instructions.as_deref(), totals.tool_bytes),
        identity: ServerIdentity {
            name: server.identity.name,
            version: server.identity.version,
            protocol_version: server.identity.protocol_version,
            instructions: server.identity.instructions,
        },
        inventory: ServerInventory {
            tools: totals.tools,
            read_at: server.inventory.read_at,
            stale: server.inventory.error.is_some(),
            error: server.inventory.error,
            open_changes: totals.open_changes,
            resources: list(&server.inventory.lists, EntryKind::Resource),
            resource_templates: list(&server.inventory.lists, EntryKind::ResourceTemplate),
            prompts: list(&server.inventory.lists, EntryKind::Prompt),
        },
        created_at: server.created_at,
        updated_at: server.updated_at,
    }
}

/// Whether a server answered the last time.
pub fn health(server: Server) -> ServerHealth {
    let status = match (&server.inventory.error, server.inventory.read_at) {
        (Some(_), _) => ServerHealthStatus::Failing,
        (None, Some(_)) => ServerHealthStatus::Ok,
        (None, None) => ServerHealthStatus::Unknown,
    };
    ServerHealth { status, checked_at: server.inventory.read_at, error: server.inventory.error }
}

/// The server of an id, in the caller's account.
///
/// # Errors
///
/// [`ApiError::NotFound`] when it is not there.
pub async fn get(state: &ApiState, account_id: AccountId, id: ServerId) -> Result<Server, ApiError> {
    state.store.get_server(account_id, id).await?.ok_or(ApiError::NotFound)
}

/// The URL of an endpoint.
///
/// # Errors
///
/// When it is none, or one that no server of ours may have.
pub fn parse_url(text: &str) -> Result<Url, ApiError> {
    let url = Url::parse(text.trim()).map_err(|_| at_url(&DiscoveryError::UrlInvalid))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(at_url(&DiscoveryError::UrlInvalid))
    }
}

/// The headers of a request, checked; every failure is reported at its place.
///
/// # Errors
///
/// When one of them cannot be used.
pub fn parse_auth(auth: &ServerAuthRequest) -> Result<Vec<UpstreamHeader>, ApiError> {
    let ServerAuthRequest::Headers { headers } = auth else {
        return Ok(Vec::new());
    };
    if headers.is_empty() || headers.len() > MAX_HEADERS {
        let detail = format!("must be 1 to {MAX_HEADERS} headers");
        return Err(ApiError::invalid("/auth/headers", "out_of_range", detail));
    }
    let mut parsed: Vec<UpstreamHeader> = Vec::with_capacity(headers.len());
    let mut errors = Vec::new();
    for (index, header) in headers.iter().enumerate() {
        match UpstreamHeader::parse(&header.name, &header.value) {
            Ok(header) if parsed.iter().any(|earlier| earlier.name() == header.name()) => {
                let detail = "is there twice";
                errors.push(FieldError::new(format!("/auth/headers/{index}/name"), "duplicate_header", detail));
            }
            Ok(header) => parsed.push(header),
            Err(error) => {
                let member = if error == ostiary_auth::UpstreamHeaderError::InvalidValue { "value" } else { "name" };
                errors.push(FieldError::new(format!("/auth/headers/{index}/{member}"), "invalid", error.to_string()));
            }
        }
    }
    if errors.is_empty() { Ok(parsed) } else { Err(ApiError::InvalidInput(errors)) }
}

/// Reads the inventory of a server that is about to be stored; nothing is stored when that fails.
///
/// # Errors
///
/// 422 at `/url`, with a code for each way in which it can fail.
pub async fn read_first(state: &ApiState, url: &Url, headers: HeaderMap) -> Result<Discovered, ApiError> {
    state.inventory.read(url, headers).await.map_err(|error| at_url(&error))
}

fn at_url(error: &DiscoveryError) -> ApiError {
    ApiError::invalid("/url", error.code(), error.to_string())
}
