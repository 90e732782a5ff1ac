//! The one gate that every connection passes.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use url::Url;

use crate::error::{BlockedReason, EgressError};
use crate::policy::{EgressPolicy, Scheme};
use crate::resolver::{Resolve, SystemResolver};

/// Resolves hosts and refuses what the policy does not allow. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Guard {
    policy: Arc<EgressPolicy>,
    resolver: Arc<dyn Resolve>,
}

impl Guard {
    /// A guard over the operating system's resolver.
    #[must_use]
    pub fn new(policy: EgressPolicy) -> Self {
        Self::with_resolver(policy, Arc::new(SystemResolver))
    }

    /// A guard over another resolver.
    #[must_use]
    pub fn with_resolver(policy: EgressPolicy, resolver: Arc<dyn Resolve>) -> Self {
        Self { policy: Arc::new(policy), resolver }
    }

    /// Whether a URL may name a target, as far as that can be told without resolving its host.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check_url(&self, url: &Url) -> Result<Scheme, BlockedReason> {
        self.policy.check_url(url)
    }

    /// The addresses to connect to, all of them checked. Nobody may connect to others.
    ///
    /// SECURITY: this is called when connecting, and the addresses it gives are the ones that are used, so a name that
    /// changes its mind in between gains nothing. One bad address refuses the name: a name that points inside as well as
    /// outside was made to.
    ///
    /// # Errors
    /// [`EgressError::Blocked`], or [`EgressError::Connect`] when the name does not resolve.
    pub(crate) async fn addresses(
        &self,
        host: &str,
        port: u16,
        scheme: Scheme,
    ) -> Result<Vec<SocketAddr>, EgressError> {
        if port == 0 {
            return Err(BlockedReason::PortZero.into());
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let addresses = match bare.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => {
                let resolved = self.resolver.resolve(host, port).await;
                resolved.map_err(|error| EgressError::Connect { source: error.into() })?
            }
        };
        for address in &addresses {
            self.policy.check_address(address.ip(), scheme)?;
        }
        if addresses.is_empty() {
            return Err(EgressError::Connect { source: "the host has no address".into() });
        }
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use async_trait::async_trait;

    use super::*;
    use crate::address::AddressClass;

    #[derive(Debug)]
    struct Table(&'static [&'static str]);

    #[async_trait]
    impl Resolve for Table {
        async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
            Ok(self.0.iter().map(|address| SocketAddr::new(address.parse().unwrap(), port)).collect())
        }
    }

    async fn addresses(table: &'static [&'static str], host: &str) -> Result<usize, EgressError> {
        let guard = Guard::with_resolver(EgressPolicy::public_only(), Arc::new(Table(table)));
        guard.addresses(host, 443, Scheme::Https).await.map(|addresses| addresses.len())
    }

    #[tokio::test]
    async fn addresses_of_a_public_name_are_given() {
        assert_eq!(addresses(&["1.1.1.1", "2606:4700::1111"], "a.example").await.unwrap(), 2);
    }

    #[tokio::test]
    async fn addresses_of_a_name_with_one_private_address_are_refused() {
        let error = addresses(&["1.1.1.1", "10.0.0.1"], "a.example").await.unwrap_err();
        assert!(matches!(error, EgressError::Blocked(BlockedReason::Address(AddressClass::Private))));
    }

    #[tokio::test]
    async fn addresses_of_a_literal_are_checked_without_the_resolver() {
        let error = addresses(&["1.1.1.1"], "[::1]").await.unwrap_err();
        assert!(matches!(error, EgressError::Blocked(BlockedReason::Address(AddressClass::Loopback))));
    }

    #[tokio::test]
    async fn addresses_of_a_name_without_any_cannot_be_connected_to() {
        assert!(matches!(addresses(&[], "a.example").await, Err(EgressError::Connect { .. })));
    }
}
