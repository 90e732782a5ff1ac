//! Accounts: the tenants, owners of everything else.

use chrono::{DateTime, Utc};

use crate::{AccountId, Name, PlanName, Slug};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What stands in its gateway URL; unique in the installation.
    pub slug: Slug,
    /// What people call it.
    pub name: Name,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it goes for good, if its deletion was asked for. Until then it can be restored, and nothing in it is done.
    pub delete_at: Option<DateTime<Utc>>,
    /// The plan it is held to. There may be none of this name any more.
    pub plan: PlanName,
}
