//! The connection: one server, a cluster or whichever server the sentinels name; loaded scripts, bounded waits.

mod address;
mod connection;
mod report;
mod sentinel;

use std::fmt;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::{Cmd, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value, cmd};
use tokio::time::{Instant, sleep, timeout_at};

use crate::redis::link::address::Address;
use crate::redis::link::connection::Connection;
use crate::redis::link::report::Report;
use crate::redis::script::Call;
use crate::redis::value;

pub use self::report::{Concern, UnfitError};

/// After how long without an answer later calls go over a new connection.
const SLOW: Duration = Duration::from_secs(2);

/// The pause before a call that a server did not take is sent again.
const PAUSE: Duration = Duration::from_millis(25);

/// A connection to Redis that mends itself.
///
/// The first connection is made by the first call, so that a process can start before Redis does.
pub struct RedisLink {
    address: Address,
    trusted: Option<Vec<u8>>,
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

impl RedisLink {
    /// A link to the Redis at an address, whose answers are waited for so long.
    ///
    /// `redis://` and `rediss://` (TLS) lead to one server, with a user, a password and a database as usual;
    /// `redis-cluster://` and `rediss-cluster://` to a cluster, several of whose servers may be named, with commas;
    /// `redis-sentinel://` and `rediss-sentinel://` to the server that sentinels name, with the sentinels in the place
    /// of the hosts and the name they know it by behind them: `redis-sentinel://user:password@host1,host2/name/0`. Users
    /// of the sentinels themselves are `?sentinel_user=` and `&sentinel_password=`.
    /// Must be called on a Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the address cannot be understood. Whether anything is there is not looked at.
    pub fn open(address: &str, wait: Duration) -> Result<Self, LinkError> {
        Self::open_trusting(address, None, wait)
    }

    /// As [`RedisLink::open`]; with TLS the servers are believed that one of these certificates (PEM) vouches for, in
    /// place of those that the system trusts.
    ///
    /// # Errors
    ///
    /// As [`RedisLink::open`], and certificates that are none, or of no use because the address is not one of TLS.
    pub fn open_trusting(address: &str, trusted: Option<Vec<u8>>, wait: Duration) -> Result<Self, LinkError> {
        let address = Address::parse(address)?;
        if trusted.is_some() && !address.is_tls() {
            return Err(LinkError::Address("certificates are given, and its scheme is none of TLS"));
        }
        let connection = Connection::open(&address, trusted.as_deref())?;
        Ok(Self { address, trusted, wire: Mutex::new(Wire { number: 0, connection }), wait })
    }

    /// Asks every server that takes writes how it is set up.
    ///
    /// Answers what should be otherwise, or that something has to be: an error inside the answer.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn inspect(&self) -> Result<Result<Vec<Concern>, UnfitError>, LinkError> {
        let mut wire = self.wire();
        let asked = timeout_at(Instant::now() + self.wait, wire.connection.send_to_all(cmd("INFO"))).await;
        let answers = asked.map_err(|_| LinkError::Late)?.map_err(LinkError::NotDone)?;
        let mut concerns = Vec::new();
        for answer in &answers {
            match Report::parse(value::text(answer).ok_or(LinkError::Answer)?).check() {
                Ok(found) => concerns.extend(found),
                Err(error) => return Ok(Err(error)),
            }
        }
        concerns.sort_unstable();
        concerns.dedup();
        Ok(Ok(concerns))
    }

    /// Runs a script, which is loaded where the server does not have it. Answers within a bound.
    ///
    /// What a server refused before doing anything, because it is loading or a shard is moving, is sent again.
    pub(super) async fn run(&self, call: &Call) -> Result<Value, LinkError> {
        let deadline = Instant::now() + self.wait;
        let mut command = call.by_hash();
        loop {
            let (number, answer) = self.hear(&command, deadline).await?;
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
                        self.replace(number);
                    }
                    sleep(PAUSE).await;
                }
                // Scripts check before they write: what a server refuses is not done.
                ErrorKind::Server(_)
                | ErrorKind::Extension
                | ErrorKind::ClusterConnectionNotFound
                | ErrorKind::MasterNameNotFoundBySentinel => {
                    return Err(LinkError::NotDone(error));
                }
                _ if error.is_connection_refusal() => return Err(LinkError::NotDone(error)),
                _ => return Err(LinkError::Broken(error)),
            }
        }
    }

    /// Sends a command, and answers what comes back until then, with the number of the wire it came over.
    async fn hear(&self, command: &Cmd, deadline: Instant) -> Result<(u64, RedisResult<Value>), LinkError> {
        let Wire { number, mut connection } = self.wire();
        let mut answer = pin!(connection.send(command));
        if let Ok(answer) = timeout_at(deadline.min(Instant::now() + SLOW), &mut answer).await {
            return Ok((number, answer));
        }
        // Perhaps the other side is gone without a word: others should not wait for it. What is under way does, because
        // a late answer must still be seen.
        self.replace(number);
        let late = timeout_at(deadline, &mut answer).await.map_err(|_| LinkError::Late)?;
        Ok((number, late))
    }

    fn wire(&self) -> Wire {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a new connection into the place of a dead one, unless somebody has.
    fn replace(&self, dead: u64) {
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        if wire.number == dead {
            match Connection::open(&self.address, self.trusted.as_deref()) {
                Ok(connection) => *wire = Wire { number: dead + 1, connection },
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "no new connection to Redis");
                }
            }
        }
    }
}

/// Addresses have passwords in them.
impl fmt::Debug for RedisLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.address {
            Address::Single(_) => "single",
            Address::Cluster(_) => "cluster",
            Address::Sentinel(_) => "sentinel",
        };
        f.debug_struct("RedisLink").field("kind", &kind).field("wait", &self.wait).finish_non_exhaustive()
    }
}
