//! What callers may use.

use std::time::Duration;

use super::read::{Reader, number};

const GIB: usize = 1024 * 1024 * 1024;

/// Bounds; each has its own error when it is met.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    /// Most headers of a request.
    pub headers_max: usize,
    /// Largest headers of a request, names and values together, in bytes.
    pub headers_max_bytes: usize,
    /// Largest request body, in bytes.
    pub body_max_bytes: usize,
    /// Deepest nesting of a request.
    pub json_depth: usize,
    /// Largest event of an upstream's stream, in bytes.
    pub event_max_bytes: usize,
    /// Largest list an upstream may answer with, in bytes.
    pub list_max_bytes: usize,
    /// Calls of one account that are under way at once.
    pub calls_per_account: u32,
    /// Calls of one account that wait for their turn.
    pub calls_waiting_per_account: u32,
    /// How long a call waits for its turn.
    pub call_wait: Duration,
    /// Calls of one account that start in a second while other accounts call, too.
    pub calls_per_second_per_account: u32,
    /// Streams one grant holds open.
    pub streams_per_grant: u32,
    /// Streams that the grants of one account hold open.
    pub streams_per_account: u32,
    /// Sessions one grant may open in a minute.
    pub sessions_per_minute: u32,
    /// Connections of one client's address at once.
    pub connections_per_address: u32,
    /// Requests one account may make to the API in a minute.
    pub api_requests_per_account: u32,
    /// Requests one client's address may make to the API in a minute.
    pub api_requests_per_address: u32,
    /// What the gateway keeps of the database in memory, in MiB.
    pub cache_mib: u64,
}

impl LimitsConfig {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        // Above these the connection itself refuses a request, without words.
        let headers_max = reader.required("limits.headers_max", |value| number(value, 8, 100));
        let headers_max_bytes = reader.required("limits.headers_max_bytes", |value| number(value, 1024, 64 * 1024));
        let body_max_bytes = reader.required("limits.body_max_bytes", |value| number(value, 1024, GIB));
        // The reader of requests is recursive in nothing, but the policy's view of arguments is: a bound on the bound.
        let json_depth = reader.required("limits.json_depth", |value| number(value, 8, 256));
        let event_max_bytes = reader.required("limits.event_max_bytes", |value| number(value, 1024, GIB));
        let list_max_bytes = reader.required("limits.list_max_bytes", |value| number(value, 1024, GIB));
        let calls_per_account = reader.required("limits.calls_per_account", |value| number(value, 1, u32::MAX));
        let calls_waiting_per_account =
            reader.required("limits.calls_waiting_per_account", |value| number(value, 0, u32::MAX));
        // Whoever waits for longer has given up.
        let call_wait_ms = reader.required("limits.call_wait_ms", |value| number(value, 0, 60_000_u64));
        let calls_per_second_per_account =
            reader.required("limits.calls_per_second_per_account", |value| number(value, 1, u32::MAX));
        let streams_per_grant = reader.required("limits.streams_per_grant", |value| number(value, 1, u32::MAX));
        let streams_per_account = reader.required("limits.streams_per_account", |value| number(value, 1, u32::MAX));
        let sessions_per_minute = reader.required("limits.sessions_per_minute", |value| number(value, 1, u32::MAX));
        let connections_per_address =
            reader.required("limits.connections_per_address", |value| number(value, 1, 1_000_000));
        let api_requests_per_account =
            reader.required("limits.api_requests_per_account", |value| number(value, 1, u32::MAX));
        let api_requests_per_address =
            reader.required("limits.api_requests_per_address", |value| number(value, 1, u32::MAX));
        let cache_mib = reader.required("limits.cache_mib", |value| number(value, 1, 1_048_576));
        Some(Self {
            headers_max: headers_max?,
            headers_max_bytes: headers_max_bytes?,
            body_max_bytes: body_max_bytes?,
            json_depth: json_depth?,
            event_max_bytes: event_max_bytes?,
            list_max_bytes: list_max_bytes?,
            calls_per_account: calls_per_account?,
            calls_waiting_per_account: calls_waiting_per_account?,
            call_wait: Duration::from_millis(call_wait_ms?),
            calls_per_second_per_account: calls_per_second_per_account?,
            streams_per_grant: streams_per_grant?,
            streams_per_account: streams_per_account?,
            sessions_per_minute: sessions_per_minute?,
            connections_per_address: connections_per_address?,
            api_requests_per_account: api_requests_per_account?,
            api_requests_per_address: api_requests_per_address?,
            cache_mib: cache_mib?,
        })
    }
}
