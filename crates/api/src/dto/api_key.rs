//! API keys.

use chrono::{DateTime, Utc};
use ostiary_model::{ApiKeyId, Label, Role};
use serde::Serialize;
use utoipa::ToSchema;

use super::schema;
use crate::extract::{FromInput, Input};

/// A key for the REST API.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// Id.
    #[schema(value_type = String)]
    pub id: ApiKeyId,
    /// What people call it.
    #[schema(value_type = String, example = "CI")]
    pub label: Label,
    /// What it may do.
    #[schema(schema_with = schema::role)]
    pub role: Role,
    /// Its last characters.
    pub hint: String,
    /// When it was minted.
    pub created_at: DateTime<Utc>,
    /// When it stops working by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// An API key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct ApiKeyWithSecret {
    /// The key's record.
    pub api_key: ApiKey,
    /// The key.
    #[schema(example = "ost_key_…")]
    pub key: String,
}

// SECURITY: the key is not printed.
impl std::fmt::Debug for ApiKeyWithSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeyWithSecret").field("api_key", &self.api_key.id).finish_non_exhaustive()
    }
}

/// An API key to mint.
#[derive(Debug, ToSchema)]
pub struct CreateApiKeyRequest {
    /// What to call it.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub label: Label,
    /// What it may do; not more than the caller.
    #[schema(schema_with = schema::role)]
    pub role: Role,
    /// When it stops working by itself; never when it is left out.
    pub expires_at: Option<DateTime<Utc>>,
}

impl FromInput for CreateApiKeyRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (label, role) = (input.required("label"), input.required("role"));
        let expires_at = input.optional("expires_at");
        Some(Self { label: label?, role: role?, expires_at })
    }
}

impl From<ostiary_model::ApiKey> for ApiKey {
    fn from(key: ostiary_model::ApiKey) -> Self {
        Self {
            id: key.id,
            label: key.label,
            role: key.role,
            hint: key.hint.into(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}
