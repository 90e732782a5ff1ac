//! Who is a member, and what they may do.

use ostiary_model::{AccountId, Role, UserId};
use ostiary_storage::Transaction;

use crate::error::ApiError;
use crate::extract::{Actor, Current};
use crate::tag::Tag;

/// The roles of an account, held until the transaction ends: whatever is concluded from them is still so when it is
/// committed.
#[derive(Debug)]
pub struct Roles(Vec<(UserId, Role)>);

impl Roles {
    /// Reads and holds them.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn lock(transaction: &mut dyn Transaction, account_id: AccountId) -> Result<Self, ApiError> {
        Ok(Self(transaction.lock_roles(account_id).await?))
    }

    /// The role of a member.
    #[must_use]
    pub fn of(&self, user_id: UserId) -> Option<Role> {
        self.0.iter().find(|(id, _)| *id == user_id).map(|(_, role)| *role)
    }

    /// The caller's role as it is now; a key's is its own.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] for somebody who is no member any more.
    pub fn of_caller(&self, current: &Current) -> Result<Role, ApiError> {
        match &current.actor {
            Actor::User { user, .. } => self.of(user.id).ok_or(ApiError::Forbidden),
            Actor::Key { key, .. } => Ok(key.role),
        }
    }

    /// Whether the account would be without an owner if this member were none.
    ///
    /// # Errors
    ///
    /// [`ApiError::LastOwner`] when it would.
    pub fn check_other_owner(&self, user_id: UserId) -> Result<(), ApiError> {
        let is_owner = |(id, role): &(UserId, Role)| *role == Role::Owner && *id != user_id;
        if self.of(user_id) == Some(Role::Owner) && !self.0.iter().any(is_owner) {
            return Err(ApiError::LastOwner);
        }
        Ok(())
    }
}

/// The tag of a member: there is nothing else about them that is changed here.
#[must_use]
pub fn tag(user_id: UserId, role: Role) -> Tag {
    Tag::of([user_id.as_uuid().as_bytes().as_slice(), role.as_str().as_bytes()])
}

/// The roles that allow something which `role` does not.
#[must_use]
pub fn above(role: Role) -> Vec<Role> {
    Role::ALL.into_iter().filter(|other| !role.covers(*other)).collect()
}
