//! How many requests are taken in a minute: of an account, and of a client's address.
//!
//! In the process: with several replicas each takes as many. What these bounds are for is that nobody keeps everybody
//! else from being served; limits on calls of agents are counted together, elsewhere.

mod bucket;
mod middleware;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use ostiary_model::AccountId;

use self::bucket::Buckets;
pub use self::bucket::Standing;
pub(crate) use self::middleware::limit;
use crate::error::ApiError;

/// The bounds and who is how near to them.
#[derive(Debug)]
pub struct Rates {
    accounts: Buckets<AccountId>,
    addresses: Buckets<IpAddr>,
}

/// What a request has been told of its account's bound: written when it is known who is calling.
#[derive(Clone, Debug, Default)]
pub struct AccountStanding(Arc<OnceLock<Standing>>);

impl Rates {
    /// With so many requests a minute each.
    #[must_use]
    pub fn new(account_per_minute: u32, address_per_minute: u32) -> Self {
        Self {
            accounts: Buckets::new("account", account_per_minute),
            addresses: Buckets::new("address", address_per_minute),
        }
    }

    /// Counts a request of an account, once.
    ///
    /// # Errors
    ///
    /// [`ApiError::RateLimited`] when it has made too many.
    pub(crate) fn take(
        &self,
        account_id: AccountId,
        seen: Option<&AccountStanding>,
        now_ms: i64,
    ) -> Result<(), ApiError> {
        let standing = match seen {
            Some(seen) => *seen.0.get_or_init(|| self.accounts.take(account_id, now_ms)),
            None => self.accounts.take(account_id, now_ms),
        };
        standing.check()
    }
}
