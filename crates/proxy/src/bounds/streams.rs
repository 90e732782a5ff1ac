//! How many streams are open at once.

use ostiary_edge::{Held, Occupancy};
use ostiary_model::{AccountId, Grant, GrantId};

/// The streams that stay open by themselves, of each grant and of each account.
#[derive(Debug)]
pub(crate) struct Streams {
    of_grants: Occupancy<GrantId>,
    of_accounts: Occupancy<AccountId>,
}

/// The place of one open stream; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct StreamPlace {
    _of_grant: Held<GrantId>,
    _of_account: Held<AccountId>,
}

impl Streams {
    /// At most so many of a grant, and of all the grants of an account.
    pub(crate) fn new(per_grant: u32, per_account: u32) -> Self {
        Self { of_grants: Occupancy::new(per_grant), of_accounts: Occupancy::new(per_account) }
    }

    /// A place for one more stream of the grant, or none when the grant or its account has as many as it may.
    pub(crate) fn take(&self, grant: &Grant) -> Option<StreamPlace> {
        let of_grant = self.of_grants.take(grant.id)?;
        let of_account = self.of_accounts.take(grant.account_id)?;
        Some(StreamPlace { _of_grant: of_grant, _of_account: of_account })
    }
}
