//! A stable address in front of servers that come and go, as a failover has it: bytes pass in both directions.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// Carries connections to whichever of the targets takes them.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    targets: watch::Sender<Vec<SocketAddr>>,
    _task: AbortOnDropHandle<()>,
}

impl Relay {
    /// Starts it. A connection goes to the first target that does not refuse it, and the next one begins with the
    /// target after that.
    ///
    /// # Errors
    ///
    /// When there is no port.
    pub async fn start(targets: Vec<SocketAddr>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (targets, given) = watch::channel(targets);
        Ok(Self { address, targets, _task: AbortOnDropHandle::new(tokio::spawn(accept(listener, given))) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads elsewhere from now on. Connections that are open are cut.
    pub fn lead_to(&self, targets: Vec<SocketAddr>) {
        self.targets.send_replace(targets);
    }
}

async fn accept(listener: TcpListener, mut targets: watch::Receiver<Vec<SocketAddr>>) {
    let (mut connections, mut turn) = (JoinSet::new(), 0_usize);
    while let Ok((stream, _)) = listener.accept().await {
        let order = targets.borrow_and_update().clone();
        turn = turn.wrapping_add(1);
        connections.spawn(carry(stream, order, turn, targets.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn carry(
    mut client: TcpStream,
    order: Vec<SocketAddr>,
    turn: usize,
    mut targets: watch::Receiver<Vec<SocketAddr>>,
) {
    for index in 0..order.len() {
        let Some(target) = order.get((turn + index) % order.len()) else { return };
        let Ok(mut server) = TcpStream::connect(target).await else { continue };
        drop((client.set_nodelay(true), server.set_nodelay(true)));
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
            _ = targets.changed() => {}
        }
        return;
    }
}
