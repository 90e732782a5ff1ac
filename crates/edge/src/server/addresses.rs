//! How many connections each address has open.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::client_address::TrustedProxies;
use crate::guesses::network;
use crate::occupancy::{Held, Occupancy};

/// Keeps one address from taking all the places of a listener. Behind a proxy of ours there are many clients: what they have
/// together is not bounded here.
#[derive(Debug)]
pub(super) struct Addresses {
    proxies: TrustedProxies,
    open: Occupancy<u64>,
    refused: AtomicU64,
}

/// The place of one connection; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    _held: Option<Held<u64>>,
}

impl Addresses {
    pub(super) fn new(max: u32, proxies: TrustedProxies) -> Self {
        Self { proxies, open: Occupancy::new(max), refused: AtomicU64::new(0) }
    }

    /// A place for one more connection from an address; none when it has as many as it may.
    pub(super) fn take(&self, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        if self.proxies.is_trusted(address) {
            return Some(Place { _held: None });
        }
        let held = self.open.take(network(address));
        if held.is_none() {
            self.refuse(address);
        }
        held.map(|held| Place { _held: Some(held) })
    }

    /// Says it the first time, and then each time that there are twice as many: whoever floods does not fill the log.
    fn refuse(&self, address: IpAddr) {
        let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
        if refused.is_power_of_two() {
            tracing::warn!(%address, refused, "connections above the bound of one address are closed");
        }
    }
}
