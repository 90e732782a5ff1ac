//! Members, their roles, and what each role may do.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AccountId, User};

/// A user in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account_id: AccountId,
    /// The user.
    pub user: User,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// What a member or an API key may do; the table is [`Role::allows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, the account itself included.
    Owner,
    /// Everything but the account itself.
    Admin,
    /// Policies and what belongs to them.
    PolicyManager,
    /// Looking.
    Viewer,
}

/// One kind of thing to do in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See servers, inventory, policies, grant labels, decisions, approvals.
    View,
    /// Policies, their bindings to grants, approvals, tool changes, categories.
    ManagePolicies,
    /// Servers and upstream credentials, grants, API keys, webhooks.
    ManageAccess,
    /// Members, invitations, roles, audit events.
    ManageMembers,
    /// Delete or transfer the account, change its plan.
    ManageAccount,
}

impl Role {
    /// All roles, the most powerful first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::PolicyManager, Self::Viewer];

    /// Whether the role may do such things: the table of the product's roles.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::View => true,
            Permission::ManagePolicies => !matches!(self, Self::Viewer),
            Permission::ManageAccess | Permission::ManageMembers => {
                matches!(self, Self::Owner | Self::Admin)
            }
            Permission::ManageAccount => matches!(self, Self::Owner),
        }
    }

    /// Whether the role allows everything that `other` allows.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        use Permission as P;
        [P::View, P::ManagePolicies, P::ManageAccess, P::ManageMembers, P::ManageAccount]
            .into_iter()
            .all(|permission| self.allows(permission) || !other.allows(permission))
    }

    /// The name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::PolicyManager => "policy_manager",
            Self::Viewer => "viewer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use one of `owner`, `admin`, `policy_manager` and `viewer`")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(RoleError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_covers_itself_and_what_is_below() {
        for (index, own) in Role::ALL.into_iter().enumerate() {
            for (other_index, other) in Role::ALL.into_iter().enumerate() {
                assert_eq!(own.covers(other), index <= other_index, "{own} {other}");
            }
        }
    }
}
