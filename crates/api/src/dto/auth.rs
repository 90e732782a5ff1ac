//! Proving who one is.

use chrono::{DateTime, Utc};
use ostiary_auth::check_password;
use ostiary_model::{AccountId, SessionId, SignInMethod};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::extract::{FromInput, Input};

/// How people get in here.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthMethods {
    /// Whether mail is sent: without it, invitations are links to hand on, and forgotten passwords are the operator's
    /// business.
    pub mail: bool,
    /// What stands on the button of the provider of sign-ins (OpenID Connect); none where there is no provider.
    #[schema(example = "Example directory")]
    pub provider: Option<String>,
}

/// Somebody who has forgotten their password.
#[derive(Debug, ToSchema)]
pub struct PasswordResetRequest {
    /// E-mail address.
    #[schema(example = "ada@example.com")]
    pub email: String,
}

/// A new password by a link.
#[derive(Debug, ToSchema)]
pub struct ConfirmPasswordResetRequest {
    /// The token: what stands behind `#` in the link.
    #[schema(value_type = String, format = Password)]
    pub token: Zeroizing<String>,
    /// 12 characters to 256 bytes, and not a common one.
    #[schema(value_type = String, min_length = 12, max_length = 256, format = Password)]
    pub password: Zeroizing<String>,
}

/// A new password for the caller.
#[derive(Debug, ToSchema)]
pub struct ChangePasswordRequest {
    /// The password as it is.
    #[schema(value_type = String, format = Password)]
    pub current_password: Zeroizing<String>,
    /// 12 characters to 256 bytes, and not a common one.
    #[schema(value_type = String, min_length = 12, max_length = 256, format = Password)]
    pub new_password: Zeroizing<String>,
}

/// The proof that mail arrives.
#[derive(Debug, ToSchema)]
pub struct VerifyEmailRequest {
    /// The token: what stands behind `#` in the link.
    #[schema(value_type = String, format = Password)]
    pub token: Zeroizing<String>,
}

/// A browser that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Id.
    #[schema(value_type = String)]
    pub id: SessionId,
    /// The account it looks at.
    #[schema(value_type = String)]
    pub account_id: AccountId,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// What the browser called itself when it signed in.
    pub user_agent: Option<String>,
    /// Where it signed in from.
    #[schema(example = "203.0.113.7")]
    pub address: Option<String>,
    /// How somebody signed in, before a second factor: `password` or `provider`.
    #[schema(value_type = String, example = "password")]
    pub method: SignInMethod,
    /// When it signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// A password that may be set; what is wrong with it is noted.
pub(crate) fn checked_password(
    password: Option<Zeroizing<String>>,
    name: &str,
    input: &mut Input<'_>,
) -> Option<Zeroizing<String>> {
    if let Some(Err(error)) = password.as_ref().map(|password| check_password(password)) {
        input.note(name, error.code(), error.to_string());
    }
    password
}

impl FromInput for PasswordResetRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { email: input.required("email")? })
    }
}

impl FromInput for ConfirmPasswordResetRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let token = input.required("token");
        let password = checked_password(input.required("password"), "password", input);
        Some(Self { token: token?, password: password? })
    }
}

impl FromInput for ChangePasswordRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let current_password = input.required("current_password");
        let new_password = checked_password(input.required("new_password"), "new_password", input);
        Some(Self { current_password: current_password?, new_password: new_password? })
    }
}

impl FromInput for VerifyEmailRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { token: input.required("token")? })
    }
}
