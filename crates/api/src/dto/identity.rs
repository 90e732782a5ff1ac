//! Signing in elsewhere.

use chrono::{DateTime, Utc};
use ostiary_model::IdentityId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{FromInput, Input};

/// How a provider of sign-ins knows the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identity {
    /// Id.
    #[schema(value_type = String)]
    pub id: IdentityId,
    /// The provider.
    #[schema(example = "https://accounts.example.com")]
    pub issuer: String,
    /// The address that the provider told.
    #[schema(example = "ada@example.com")]
    pub email: Option<String>,
    /// When it was linked.
    pub created_at: DateTime<Utc>,
    /// When somebody last signed in with it.
    pub last_used_at: DateTime<Utc>,
}

impl From<ostiary_model::Identity> for Identity {
    fn from(identity: ostiary_model::Identity) -> Self {
        let ostiary_model::Identity { id, issuer, email, created_at, last_used_at, .. } = identity;
        Self { id, issuer, email, created_at, last_used_at }
    }
}

/// The identities of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identities {
    /// All of them, the oldest first.
    pub items: Vec<Identity>,
}

/// Where the browser is to go.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderAddress {
    /// The provider's page. It leads back to `/auth/provider/callback`.
    pub url: String,
}

/// Somebody who signs in elsewhere.
#[derive(Debug, ToSchema)]
pub struct BeginProviderRequest {
    /// The page that was asked for: a path of this installation.
    #[schema(example = "/servers")]
    pub to: Option<String>,
}

impl FromInput for BeginProviderRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { to: input.optional("to") })
    }
}
