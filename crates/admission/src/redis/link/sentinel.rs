//! The first of several servers, as sentinels know it.
//!
//! Asked for whenever there is no connection: a server that was the first and is not any more hangs up when the sentinels
//! demote it, and until it does it refuses what scripts write, or answers nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, RedisError, RedisResult, Value, cmd};
use tokio::sync::Mutex;

use crate::redis::link::LinkError;
use crate::redis::link::address::SentinelAddress;
use crate::redis::link::connection::client;
use crate::redis::link::report::Report;

/// How long a sentinel, or the server it names, may take for a connection and for an answer each.
const PATIENCE: Duration = Duration::from_secs(1);

/// Longer than anybody waits.
const UNBOUNDED: Duration = Duration::from_secs(3_600);

/// Sentinels, and a connection to the server that they named last.
pub(super) struct Sentinels {
    sentinels: Vec<Client>,
    address: SentinelAddress,
    trusted: Option<Vec<u8>>,
    /// The one to be asked first: one that did not answer is not asked first again.
    first: AtomicUsize,
    server: Mutex<Server>,
}

/// The server, numbered so that a dead connection is given up once.
#[derive(Default)]
struct Server {
    number: u64,
    connection: Option<MultiplexedConnection>,
}

impl Sentinels {
    pub(super) fn new(address: &SentinelAddress, trusted: Option<&[u8]>) -> Result<Self, LinkError> {
        let sentinels = address.sentinels.iter().map(|url| client(url, trusted)).collect::<Result<_, _>>()?;
        Ok(Self {
            sentinels,
            address: address.clone(),
            trusted: trusted.map(<[u8]>::to_vec),
            first: AtomicUsize::new(0),
            server: Mutex::default(),
        })
    }

    /// Sends a command to the first server.
    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let (number, mut connection) = self.connection().await?;
        let answer = connection.req_packed_command(command).await;
        if answer.as_ref().is_err_and(RedisError::is_unrecoverable_error) {
            self.give_up(number).await;
        }
        answer
    }

    /// The connection, made when there is none. One at a time makes it.
    async fn connection(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        let mut server = self.server.lock().await;
        if let Some(connection) = &server.connection {
            return Ok((server.number, connection.clone()));
        }
        let connection = self.find().await?;
        server.number += 1;
        server.connection = Some(connection.clone());
        Ok((server.number, connection))
    }

    async fn give_up(&self, number: u64) {
        let mut server = self.server.lock().await;
        if server.number == number {
            server.connection = None;
        }
    }

    /// Asks one sentinel after the other for the first server, until one that is says so itself.
    async fn find(&self) -> RedisResult<MultiplexedConnection> {
        let mut reasons = String::new();
        for _ in 0..self.sentinels.len() {
            // Moved on before it is asked: who gives up waiting for it must not find it first again.
            let at = self.first.fetch_add(1, Ordering::Relaxed) % self.sentinels.len();
            let Some(sentinel) = self.sentinels.get(at) else { continue };
            match self.ask(sentinel).await {
                Ok(connection) => {
                    self.first.store(at, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(error) => {
                    // The text of an error has no address in it, and so no password.
                    reasons = error.to_string();
                }
            }
        }
        Err((ErrorKind::MasterNameNotFoundBySentinel, "no sentinel names a server that takes writes", reasons).into())
    }

    async fn ask(&self, sentinel: &Client) -> RedisResult<MultiplexedConnection> {
        let mut asked = connect(sentinel).await?;
        let mut question = cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.address.service);
        let (host, port): (String, u16) = question
            .query_async::<Option<(String, u16)>>(&mut asked)
            .await?
            .ok_or((ErrorKind::MasterNameNotFoundBySentinel, "the sentinel does not know the name of the servers"))?;
        let server = client(&self.address.server(&host, port), self.trusted.as_deref()).map_err(|_| {
            RedisError::from((ErrorKind::InvalidClientConfig, "the address that the sentinel gives cannot be used"))
        })?;
        let mut connection = connect(&server).await?;
        // A sentinel that has been asleep may name the one before.
        let info: String = cmd("INFO").arg("replication").query_async(&mut connection).await?;
        if !Report::is_master(&info) {
            return Err((ErrorKind::MasterNameNotFoundBySentinel, "the server that was named takes no writes").into());
        }
        // Waits are bounded where the answer is awaited, because a late one must still be seen.
        connection.set_response_timeout(UNBOUNDED);
        Ok(connection)
    }
}

async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    client.get_multiplexed_async_connection_with_config(&config).await
}
