//! Members and invitations.

use chrono::{DateTime, Utc};
use ostiary_model::{Email, InvitationId, Name, Role, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::schema;
use crate::extract::{FromInput, Input};

/// A user in the account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// The user's id.
    #[schema(value_type = String)]
    pub id: UserId,
    /// E-mail address.
    #[schema(value_type = String, example = "ada@example.com")]
    pub email: Email,
    /// What they may do.
    #[schema(schema_with = schema::role)]
    pub role: Role,
    /// Since when they are a member.
    pub created_at: DateTime<Utc>,
}

/// A member's new role.
#[derive(Debug, ToSchema)]
pub struct UpdateMemberRequest {
    /// What they may do; not more than the caller.
    #[schema(schema_with = schema::role)]
    pub role: Role,
}

/// An invitation that is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Id.
    #[schema(value_type = String)]
    pub id: InvitationId,
    /// Who is invited.
    #[schema(value_type = String, example = "grace@example.com")]
    pub email: Email,
    /// What they will be.
    #[schema(schema_with = schema::role)]
    pub role: Role,
    /// The id of the user or the API key that invited them.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it can be accepted no more.
    pub expires_at: DateTime<Utc>,
}

/// An invitation with its link, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct InvitationWithLink {
    /// The invitation.
    pub invitation: Invitation,
    /// The link to hand on; null when it was sent by mail.
    #[schema(example = "https://ostiary.example/accept#ost_invite_…")]
    pub link: Option<String>,
}

// SECURITY: the link is not printed.
impl std::fmt::Debug for InvitationWithLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InvitationWithLink").field("invitation", &self.invitation.id).finish_non_exhaustive()
    }
}

/// Somebody to invite.
#[derive(Debug, ToSchema)]
pub struct CreateInvitationRequest {
    /// Their e-mail address.
    #[schema(value_type = String, example = "grace@example.com")]
    pub email: Email,
    /// What they will be; not more than the caller.
    #[schema(schema_with = schema::role)]
    pub role: Role,
}

/// The token of a link.
#[derive(Debug, ToSchema)]
pub struct InspectInvitationRequest {
    /// The token: what stands behind `#` in the link.
    #[schema(value_type = String, format = Password)]
    pub token: Zeroizing<String>,
}

/// What whoever has its link may know of an invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationPreview {
    /// Who invites.
    #[schema(value_type = String, example = "Acme")]
    pub account_name: Name,
    /// Who is invited.
    #[schema(value_type = String, example = "grace@example.com")]
    pub email: Email,
    /// What they will be.
    #[schema(schema_with = schema::role)]
    pub role: Role,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Whether somebody has signed up with the address: they sign in to accept; anybody else chooses a password.
    pub has_user: bool,
}

/// Becoming a member.
#[derive(Debug, ToSchema)]
pub struct AcceptInvitationRequest {
    /// The token: what stands behind `#` in the link.
    #[schema(value_type = String, format = Password)]
    pub token: Zeroizing<String>,
    /// The password of somebody new. Others sign in first, and leave it out.
    #[schema(value_type = Option<String>, min_length = 12, max_length = 256, format = Password)]
    pub password: Option<Zeroizing<String>>,
}

impl From<ostiary_model::Member> for Member {
    fn from(member: ostiary_model::Member) -> Self {
        Self { id: member.user.id, email: member.user.email, role: member.role, created_at: member.created_at }
    }
}

impl From<ostiary_model::Invitation> for Invitation {
    fn from(invitation: ostiary_model::Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            created_by: invitation.created_by,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

impl FromInput for UpdateMemberRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { role: input.required("role")? })
    }
}

impl FromInput for CreateInvitationRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (email, role) = (input.required("email"), input.required("role"));
        Some(Self { email: email?, role: role? })
    }
}

impl FromInput for InspectInvitationRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { token: input.required("token")? })
    }
}

impl FromInput for AcceptInvitationRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let token = input.required("token");
        let password = super::auth::checked_password(input.optional("password"), "password", input);
        Some(Self { token: token?, password })
    }
}
