//! Everything that is sealed, for the one command that seals it again with another key.

use async_trait::async_trait;
use ostiary_model::{AccountId, ServerId, UserId};

use crate::{IdempotencyKey, StorageError};

/// Where something sealed stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealedPlace {
    /// The credentials of a server.
    Credentials(AccountId, ServerId),
    /// The secret of an app that makes codes.
    TotpSecret(UserId),
    /// The answer to a write.
    Answer(IdempotencyKey),
}

/// A kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedKind {
    /// [`SealedPlace::Credentials`].
    Credentials,
    /// [`SealedPlace::TotpSecret`].
    TotpSecret,
    /// [`SealedPlace::Answer`].
    Answer,
}

impl SealedKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Credentials, Self::TotpSecret, Self::Answer];
}

/// Something sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// Where it stands.
    pub place: SealedPlace,
    /// As it stands there.
    pub sealed: Vec<u8>,
}

// SECURITY: not even what is sealed is printed.
impl std::fmt::Debug for SealedValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedValue").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Reads what is sealed, of all accounts.
#[async_trait]
pub trait ReadSealed {
    /// Up to `limit` of a kind behind a place of the same kind, in an order that stays the same.
    async fn list_sealed(
        &self,
        kind: SealedKind,
        after: Option<&SealedPlace>,
        limit: u32,
    ) -> Result<Vec<SealedValue>, StorageError>;
}

/// Writes what is sealed.
#[async_trait]
pub trait WriteSealed {
    /// Puts `sealed` in the place of a value; answers whether it was still there as it was read.
    async fn reseal(&mut self, before: &SealedValue, sealed: &[u8]) -> Result<bool, StorageError>;
}
