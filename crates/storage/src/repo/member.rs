//! Members.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Member, Role, UserId};

use crate::StorageError;

/// Reads members.
#[async_trait]
pub trait ReadMembers {
    /// The member.
    async fn get_member(&self, account_id: AccountId, user_id: UserId) -> Result<Option<Member>, StorageError>;

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
}
