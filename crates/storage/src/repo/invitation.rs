//! Invitations.

use async_trait::async_trait;
use ostiary_model::{Account, AccountId, Invitation, InvitationId};

use crate::{Page, PageRequest, StorageError};

/// An invitation with the account that invites.
#[derive(Clone, Debug)]
pub struct InvitationMatch {
    /// The invitation. An expired one is found too; the caller looks.
    pub invitation: Invitation,
    /// The account.
    pub account: Account,
}

/// Reads invitations.
#[async_trait]
pub trait ReadInvitations {
    /// The invitation whose link has a token with this SHA-256.
    async fn find_invitation_by_hash(&self, hash: &[u8; 32]) -> Result<Option<InvitationMatch>, StorageError>;

    /// Invitations, expired ones among them, the newest first.
    async fn list_invitations(
        &self,
        account_id: AccountId,
        page: PageRequest<InvitationId>,
    ) -> Result<Page<Invitation>, StorageError>;
}

/// Writes invitations.
#[async_trait]
pub trait WriteInvitations {
    /// Adds an invitation with the SHA-256 of its token, in place of an older one to the same address.
    async fn create_invitation(&mut self, invitation: &Invitation, hash: &[u8; 32]) -> Result<(), StorageError>;

    /// Removes an invitation: it was accepted, or withdrawn.
    async fn delete_invitation(&mut self, account_id: AccountId, id: InvitationId) -> Result<(), StorageError>;
}
