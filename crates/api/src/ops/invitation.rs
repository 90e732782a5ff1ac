//! Invitations that may still be accepted.

use ostiary_auth::{TokenHash, TokenKind};
use ostiary_storage::InvitationMatch;

use crate::error::ApiError;
use crate::state::ApiState;

/// The invitation of a link.
///
/// # Errors
///
/// One failure at `/token` for every link that opens nothing: mistyped, used, withdrawn, replaced, expired, or of an
/// account that is going to be deleted.
pub async fn by_token(state: &ApiState, token: &str) -> Result<InvitationMatch, ApiError> {
    let hash = TokenHash::of(TokenKind::Invitation, token).map_err(|_| link_not_valid())?;
    let found = state.store.find_invitation_by_hash(hash.as_bytes()).await?.ok_or_else(link_not_valid)?;
    if found.invitation.expires_at <= state.clock.now() || found.account.delete_at.is_some() {
        return Err(link_not_valid());
    }
    Ok(found)
}

/// A link opens nothing.
#[must_use]
pub fn link_not_valid() -> ApiError {
    ApiError::invalid("/token", "link_not_valid", "this link has expired, was used, or was replaced by a newer one")
}
