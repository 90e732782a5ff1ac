//! What commands go through: one server, a cluster, or whichever server the sentinels name.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::cluster::{ClusterClient, ClusterConfig};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use redis::{Client, Cmd, RedisResult, TlsCertificates, Value};

use crate::redis::link::LinkError;
use crate::redis::link::address::Address;
use crate::redis::link::sentinel::Sentinels;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);

/// How often a lost connection is tried again before those who wait for it are told.
const RECONNECTS: usize = 2;

#[derive(Clone)]
pub(super) enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
    Sentinel(Arc<Sentinels>),
}

impl Connection {
    /// A connection that is made when it is first used. With TLS, servers are believed that those in `trusted` vouch
    /// for, or those that the system trusts.
    pub(super) fn open(address: &Address, trusted: Option<&[u8]>) -> Result<Self, LinkError> {
        match address {
            Address::Single(url) => {
                // Waits are bounded where the answer is awaited, because a late one must still be seen.
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(RECONNECTS)
                    .set_min_delay(Duration::from_millis(20))
                    .set_max_delay(Duration::from_millis(200))
                    .set_connection_timeout(Some(CONNECT))
                    .set_response_timeout(None);
                let manager = ConnectionManager::new_lazy_with_config(client(url, trusted)?, config);
                manager.map(Self::Single).map_err(LinkError::Client)
            }
            Address::Cluster(urls) => {
                // The client would also repeat what may have been done. We repeat what surely was not.
                let mut builder =
                    ClusterClient::builder(urls.iter().map(String::as_str)).retries(0).overall_response_timeout(None);
                if let Some(trusted) = trusted {
                    builder = builder.certs(certificates(trusted));
                }
                let client = builder.build().map_err(LinkError::Client)?;
                let config = ClusterConfig::new()
                    .set_connection_timeout(CONNECT)
                    .set_response_timeout(Duration::from_secs(3_600));
                Ok(Self::Cluster(client.get_pending_async_connection_with_config(config)))
            }
            Address::Sentinel(address) => Sentinels::new(address, trusted).map(Arc::new).map(Self::Sentinel),
        }
    }

    pub(super) async fn send(&mut self, command: &Cmd) -> RedisResult<Value> {
        let value = match self {
            Self::Single(connection) => connection.req_packed_command(command).await,
            Self::Cluster(connection) => connection.req_packed_command(command).await,
            Self::Sentinel(sentinels) => Box::pin(sentinels.send(command)).await,
        };
        value.and_then(Value::extract_error)
    }

    /// Sends a command to every server that takes writes; answers what each says.
    pub(super) async fn send_to_all(&mut self, command: Cmd) -> RedisResult<Vec<Value>> {
        let Self::Cluster(connection) = self else {
            return self.send(&command).await.map(|answer| vec![answer]);
        };
        let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        let answers = connection.route_command(command, masters).await.and_then(Value::extract_error)?;
        Ok(match answers {
            Value::Map(by_server) => by_server.into_iter().map(|(_, answer)| answer).collect(),
            Value::Array(answers) => answers,
            one => vec![one],
        })
    }
}

/// A client of one server.
pub(super) fn client(url: &str, trusted: Option<&[u8]>) -> Result<Client, LinkError> {
    trusted
        .map_or_else(|| Client::open(url), |trusted| Client::build_with_tls(url, certificates(trusted)))
        .map_err(LinkError::Client)
}

fn certificates(trusted: &[u8]) -> TlsCertificates {
    TlsCertificates { client_tls: None, root_cert: Some(trusted.to_vec()) }
}
