//! People and their account.

use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, ApiKeyId, Email, Label, Name, PlanName, Role, Slug, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::auth::checked_password;
use super::schema;
use crate::extract::{FromInput, Input};

/// Who is calling, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The signed-in user; null for an API key.
    pub user: Option<MeUser>,
    /// The account.
    pub account: Account,
    /// What the caller may do in it.
    #[schema(schema_with = schema::role)]
    pub role: Role,
    /// The API key; null for a signed-in user.
    pub api_key: Option<MeApiKey>,
}

/// A signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeUser {
    /// Id.
    #[schema(value_type = String)]
    pub id: UserId,
    /// E-mail address.
    #[schema(value_type = String, example = "ada@example.com")]
    pub email: Email,
    /// Whether they have proven that mail to it reaches them.
    pub is_email_verified: bool,
}

/// The API key that is calling.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeApiKey {
    /// Id.
    #[schema(value_type = String)]
    pub id: ApiKeyId,
    /// Label.
    #[schema(value_type = String)]
    pub label: Label,
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// Id.
    #[schema(value_type = String)]
    pub id: AccountId,
    /// Stands in the gateway URL.
    #[schema(value_type = String, example = "acme")]
    pub slug: Slug,
    /// What people call it.
    #[schema(value_type = String, example = "Acme")]
    pub name: Name,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it goes for good, if its deletion was asked for; until then it can be restored, and nothing in it is done.
    pub delete_at: Option<DateTime<Utc>>,
    /// The plan it is held to; `GET /usage` says what that allows.
    #[schema(value_type = String, example = "standard")]
    pub plan: PlanName,
    /// Where agents reach the servers of the account.
    #[schema(example = "http://127.0.0.1:8080/mcp/acme")]
    pub gateway_url: String,
}

/// An account of the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Membership {
    /// The account.
    pub account: Account,
    /// What the caller may do in it.
    #[schema(schema_with = schema::role)]
    pub role: Role,
    /// Whether the caller's browser looks at it.
    pub is_current: bool,
}

/// Another account for the caller.
#[derive(Debug, ToSchema)]
pub struct CreateAccountRequest {
    /// What to call it.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Acme")]
    pub name: Name,
}

/// Who gets the account.
#[derive(Debug, ToSchema)]
pub struct TransferAccountRequest {
    /// A member.
    #[schema(value_type = String)]
    pub user_id: UserId,
}

/// A new user with a new account.
#[derive(Debug, ToSchema)]
pub struct SignUpRequest {
    /// E-mail address; one user each.
    #[schema(value_type = String, example = "ada@example.com")]
    pub email: Email,
    /// 12 characters to 256 bytes, and not a common one.
    #[schema(value_type = String, min_length = 12, max_length = 256, format = Password)]
    pub password: Zeroizing<String>,
    /// What to call the account.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Acme")]
    pub account_name: Name,
}

/// Credentials of a user.
#[derive(Debug, ToSchema)]
pub struct SignInRequest {
    /// E-mail address.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// Password.
    #[schema(value_type = String, format = Password)]
    pub password: Zeroizing<String>,
}

/// Changes to the account.
#[derive(Debug, ToSchema)]
pub struct UpdateAccountRequest {
    /// What to call it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub name: Option<Name>,
    /// Another plan, of those that `GET /usage` offers. For owners.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    pub plan: Option<PlanName>,
}

impl FromInput for SignUpRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let email = input.required("email");
        let password = checked_password(input.required("password"), "password", input);
        let account_name = input.required("account_name");
        Some(Self { email: email?, password: password?, account_name: account_name? })
    }
}

impl FromInput for SignInRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (email, password) = (input.required("email"), input.required("password"));
        Some(Self { email: email?, password: password? })
    }
}

impl FromInput for UpdateAccountRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { name: input.optional("name"), plan: input.optional("plan") })
    }
}

impl FromInput for CreateAccountRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { name: input.required("name")? })
    }
}

impl FromInput for TransferAccountRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { user_id: input.required("user_id")? })
    }
}
