//! Ports of this machine.

use std::net::{SocketAddr, TcpListener};

use anyhow::Context as _;

/// A port nobody listens on at the moment, on loopback.
///
/// # Errors
/// When the machine has none to give.
pub(crate) fn free() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on loopback")?;
    Ok(listener.local_addr()?.port())
}

/// Whether something listens at the address already.
pub(crate) fn is_taken(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
}
