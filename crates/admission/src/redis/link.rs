//! The connection: one server or a cluster, loaded scripts, bounded waits.

mod address;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::cluster::{ClusterClient, ClusterConfig};
use redis::cluster_async::ClusterConnection;
use redis::{Client, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::time::{Instant, sleep, timeout_at};

use crate::redis::link::address::Address;
use crate::redis::script::Call;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);

/// How often a lost connection is tried again before those who wait for it are told.
const RECONNECTS: usize = 2;

/// The pause before a call that a server did not take is sent again.
const PAUSE: Duration = Duration::from_millis(25);

/// A connection to Redis that mends itself.
///
/// The first connection is made by the first call, so that a process can start before Redis does.
pub struct RedisLink {
    address: Address,
    wire: Mutex<Wire>,
    wait: Duration,
}

/// A Redis that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The address is no address of a Redis.
    #[error("the address of Redis cannot be read: {0}")]
    Address(&'static str),
    /// The client does not take the address.
    #[error("the address of Redis cannot be used")]
    Client(#[source] RedisError),
    /// Nothing was done.
    #[error("Redis did not take the call")]
    NotDone(#[source] RedisError),
    /// Nobody knows whether it was done.
    #[error("the connection to Redis broke before the answer")]
    Broken(#[source] RedisError),
    /// Nobody knows whether it was done.
    #[error("Redis did not answer in time")]
    Late,
    /// It was done, and answered what no script of ours answers.
    #[error("the answer of Redis cannot be read")]
    Answer,
}

/// What commands go through, numbered so that a dead one is replaced once.
#[derive(Clone)]
struct Wire {
    number: u64,
    connection: Connection,
}

#[derive(Clone)]
enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

impl RedisLink {
    /// A link to the Redis at an address, whose answers are waited for so long.
    ///
    /// `redis://` and `rediss://` (TLS) lead to one server, with a user, a password and a database as usual;
    /// `redis-cluster://` and `rediss-cluster://` to a cluster, several of whose servers may be named, with commas.
    /// Must be called on a Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the address cannot be understood. Whether anything is there is not looked at.
    pub fn open(address: &str, wait: Duration) -> Result<Self, LinkError> {
        let address = Address::parse(address)?;
        let connection = Connection::open(&address)?;
        Ok(Self { address, wire: Mutex::new(Wire { number: 0, connection }), wait })
    }

    /// Runs a script, which is loaded where the server does not have it. Answers within a bound.
    ///
    /// What a server refused before doing anything, because it is loading or a shard is moving, is sent again.
    pub(super) async fn run(&self, call: &Call) -> Result<Value, LinkError> {
        let deadline = Instant::now() + self.wait;
        let mut command = call.by_hash();
        loop {
            let mut wire = self.wire();
            let answer = timeout_at(deadline, wire.connection.send(&command)).await;
            let Ok(answer) = answer else {
                // Nothing came for a long time: perhaps the other side is gone without a word.
                self.replace(&wire);
                return Err(LinkError::Late);
            };
            let error = match answer {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::Server(ServerErrorKind::NoScript) => command = call.by_source(),
                ErrorKind::Server(
                    ServerErrorKind::Moved
                    | ServerErrorKind::Ask
                    | ServerErrorKind::TryAgain
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::BusyLoading
                    | ServerErrorKind::ReadOnly,
                ) if Instant::now() + PAUSE < deadline => {
                    if error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) {
                        // A server that was the first and is not any more: the address may lead elsewhere now.
                        self.replace(&wire);
                    }
                    sleep(PAUSE).await;
                }
                // Scripts check before they write: what a server refuses is not done.
                ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::ClusterConnectionNotFound => {
                    return Err(LinkError::NotDone(error));
                }
                _ if error.is_connection_refusal() => return Err(LinkError::NotDone(error)),
                _ => return Err(LinkError::Broken(error)),
            }
        }
    }

    fn wire(&self) -> Wire {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a new connection into the place of a dead one, unless somebody has.
    fn replace(&self, dead: &Wire) {
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        if wire.number == dead.number {
            match Connection::open(&self.address) {
                Ok(connection) => *wire = Wire { number: dead.number + 1, connection },
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "no new connection to Redis");
                }
            }
        }
    }
}

impl Connection {
    /// A connection that is made when it is first used.
    fn open(address: &Address) -> Result<Self, LinkError> {
        match address {
            Address::Single(url) => {
                let client = Client::open(url.as_str()).map_err(LinkError::Client)?;
                // Waits are bounded where the answer is awaited, because a late one must still be seen.
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(RECONNECTS)
                    .set_min_delay(Duration::from_millis(20))
                    .set_max_delay(Duration::from_millis(200))
                    .set_connection_timeout(Some(CONNECT))
                    .set_response_timeout(None);
                let manager = ConnectionManager::new_lazy_with_config(client, config).map_err(LinkError::Client)?;
                Ok(Self::Single(manager))
            }
            Address::Cluster(urls) => {
                // The client would also repeat what may have been done. We repeat what surely was not.
                let client = ClusterClient::builder(urls.iter().map(String::as_str))
                    .retries(0)
                    .overall_response_timeout(None)
                    .build()
                    .map_err(LinkError::Client)?;
                let config = ClusterConfig::new()
                    .set_connection_timeout(CONNECT)
                    .set_response_timeout(Duration::from_secs(3_600));
                Ok(Self::Cluster(client.get_pending_async_connection_with_config(config)))
            }
        }
    }

    async fn send(&mut self, command: &redis::Cmd) -> RedisResult<Value> {
        let value = match self {
            Self::Single(connection) => connection.req_packed_command(command).await,
            Self::Cluster(connection) => connection.req_packed_command(command).await,
        };
        value.and_then(Value::extract_error)
    }
}

/// Addresses have passwords in them.
impl fmt::Debug for RedisLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.address {
            Address::Single(_) => "single",
            Address::Cluster(_) => "cluster",
        };
        f.debug_struct("RedisLink").field("kind", &kind).field("wait", &self.wait).finish_non_exhaustive()
    }
}
