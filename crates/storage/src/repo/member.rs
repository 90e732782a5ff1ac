//! Members.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Member, Role, UserId};

use crate::{Page, PageRequest, StorageError};

/// Reads members.
#[async_trait]
pub trait ReadMembers {
    /// The member.
    async fn get_member(&self, account_id: AccountId, user_id: UserId) -> Result<Option<Member>, StorageError>;

    /// The members, in the order in which they signed up.
    async fn list_members(
        &self,
        account_id: AccountId,
        page: PageRequest<UserId>,
    ) -> Result<Page<Member>, StorageError>;

    /// The accounts of a user, the oldest membership first.
    async fn list_memberships(&self, user_id: UserId) -> Result<Vec<Member>, StorageError>;
}

/// Writes members.
#[async_trait]
pub trait WriteMembers {
    /// Makes a user a member. Conflict: `members_account_id_user_id_key`.
    async fn create_member(
        &mut self,
        account_id: AccountId,
        user_id: UserId,
        role: Role,
        created_at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// The roles of all members. Nobody else changes any of them until the transaction ends, so that what is concluded
    /// from them holds.
    async fn lock_roles(&mut self, account_id: AccountId) -> Result<Vec<(UserId, Role)>, StorageError>;

    /// Changes the role of a member.
    async fn update_member(&mut self, account_id: AccountId, user_id: UserId, role: Role) -> Result<(), StorageError>;

    /// Ends a membership, with the user's sessions in the account.
    async fn delete_member(&mut self, account_id: AccountId, user_id: UserId) -> Result<(), StorageError>;
}
