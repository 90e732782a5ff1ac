//! Invitations: membership for whoever has an address.

use chrono::{DateTime, Utc};

use crate::{AccountId, Email, InvitationId, Role};

/// An invitation that nobody has accepted or withdrawn yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The account that invites.
    pub account_id: AccountId,
    /// Who is invited; one invitation an address and account.
    pub email: Email,
    /// What they will be.
    pub role: Role,
    /// Whether its link went to the address by mail and to nobody else. Who has it then has the address.
    pub is_mailed: bool,
    /// Who invited: the text of a user's or an API key's id.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it can be accepted no more.
    pub expires_at: DateTime<Utc>,
}
