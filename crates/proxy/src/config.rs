//! What the data plane may use: sizes, times and numbers, each with the default of the gateway's page.

use std::sync::Arc;
use std::time::Duration;

use ostiary_model::Plans;
use url::Url;

/// Bounds and addresses of the data plane. Every bound has its own error when it is met.
#[derive(Clone, Debug)]
pub struct ProxyConfig {
    /// Most headers of a request; above it 431.
    pub headers_max: usize,
    /// Largest headers of a request, names and values together, in bytes; above it 431.
    pub headers_max_bytes: usize,
    /// Largest request body, in bytes; above it 413.
    pub body_max_bytes: usize,
    /// Deepest nesting of arrays and objects in a request.
    pub json_depth: usize,
    /// Largest event of an upstream's stream that is held, in bytes. A larger answer streams through; everything else above
    /// it is refused.
    pub event_max_bytes: usize,
    /// Largest answer that has to be read whole before it is passed on: lists and `initialize`, in bytes.
    pub list_max_bytes: usize,
    /// Largest JSON answer whose outcome is looked at, in bytes. Larger ones stream through and count as a result.
    pub peek_max_bytes: usize,
    /// Most requests of one account that are under way at once, open streams of changes not counted. Further ones wait.
    pub calls_per_account: u32,
    /// Most requests of one account that wait for their turn; above it 429.
    pub calls_waiting_per_account: u32,
    /// How long a request waits for its turn at most; then 429. None waits without one.
    pub call_wait: Duration,
    /// How many requests of one account start in a second while other accounts send some, too. Further ones wait.
    pub calls_per_second_per_account: u32,
    /// Most streams of changes that one grant holds at once; above it 429.
    pub streams_per_grant: u32,
    /// The same of all grants of one account.
    pub streams_per_account: u32,
    /// Most sessions one grant may open in a minute; above it 429.
    pub sessions_per_minute: u32,
    /// What is kept of the database in memory, in bytes: half of it grants, the rest compiled policies and inventories.
    /// An estimate of what they take, by which the least used go.
    pub cache_bytes: u64,
    /// The plans of accounts.
    pub plans: Arc<Plans>,
    /// How long a client may take to send a request's body.
    pub request_body: Duration,
    /// How long an upstream may take to send the head of its answer.
    pub first_byte: Duration,
    /// How long an upstream may be silent within an answer.
    pub idle: Duration,
    /// How long one answer may take in all.
    pub call_max: Duration,
    /// How long a client may leave the next piece of a stream unread before the stream is given up.
    pub stalled_reader: Duration,
    /// After how long without an event a comment keeps a stream alive.
    pub keep_alive: Duration,
    /// How long a modern client may keep a list, or a resource, that its grant may see.
    pub list_ttl: Duration,
    /// Origins of browser pages that may call, as they stand in an `Origin` header.
    pub allowed_origins: Vec<String>,
    /// Hosts that are an account's own, each a pattern whose `*` stands for the account's slug: `*.gateway.example`.
    pub account_hosts: Vec<String>,
    /// Whether the listener is on a loopback address only: then requests for any other host are refused, because a
    /// browser whose DNS was rebound sends them.
    pub listens_on_loopback: bool,
    /// The host of the public URL, which is no stranger on a loopback listener either: a reverse proxy on this machine
    /// passes it on.
    pub public_host: Option<String>,
    /// Where the protected-resource metadata (RFC 9728) is served; named in 401 answers. None while it is not served:
    /// clients that are sent to a document which is not there guess addresses instead.
    pub metadata_base: Option<Url>,
}

impl Default for ProxyConfig {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            headers_max: 80,
            headers_max_bytes: 32 * 1024,
            body_max_bytes: 4 * MIB,
            json_depth: 64,
            event_max_bytes: 8 * MIB,
            list_max_bytes: 16 * MIB,
            peek_max_bytes: 64 * 1024,
            calls_per_account: 512,
            calls_waiting_per_account: 1_024,
            call_wait: Duration::from_secs(1),
            calls_per_second_per_account: 1_000,
            streams_per_grant: 32,
            streams_per_account: 512,
            sessions_per_minute: 120,
            cache_bytes: 256 * MIB as u64,
            plans: Arc::default(),
            request_body: Duration::from_secs(30),
            first_byte: Duration::from_secs(60),
            idle: Duration::from_secs(300),
            call_max: Duration::from_secs(3600),
            stalled_reader: Duration::from_secs(60),
            keep_alive: Duration::from_secs(15),
            list_ttl: Duration::from_secs(5),
            allowed_origins: Vec::new(),
            account_hosts: Vec::new(),
            listens_on_loopback: false,
            public_host: None,
            metadata_base: None,
        }
    }
}

impl ProxyConfig {
    /// [`Self::list_ttl`] in ms.
    pub(crate) fn list_ttl_ms(&self) -> u64 {
        u64::try_from(self.list_ttl.as_millis()).unwrap_or(u64::MAX)
    }
}
