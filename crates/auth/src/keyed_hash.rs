//! Keyed hashes: equal values have equal hashes within an account, and nobody without the key can
//! try values until one fits.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use ostiary_model::AccountId;
use sha2::{Digest as _, Sha256};

use crate::keyring::SubKey;

/// Makes keyed hashes. Cheap to clone.
#[derive(Clone)]
pub struct KeyedHasher {
    mac: Hmac<Sha256>,
}

impl KeyedHasher {
    #[expect(clippy::needless_pass_by_value, reason = "the key is wiped here, after its last use")]
    pub(crate) fn new(key: SubKey) -> Self {
        // INVARIANT: HMAC takes a key of any length (RFC 2104).
        Self { mac: Hmac::new_from_slice(key.as_slice()).expect("HMAC takes a key of any length") }
    }

    /// The first 16 bytes of HMAC-SHA256 over account, domain and bytes, in hex: 32 characters.
    ///
    /// `domain` says what is hashed (`arguments`, `session`), so that hashes of different things
    /// never compare equal; hashes of two accounts never do either.
    #[must_use]
    pub fn hash(&self, account: AccountId, domain: &str, bytes: &[u8]) -> String {
        let mut mac = self.mac.clone();
        mac.update(account.as_uuid().as_bytes());
        // The length before the domain keeps `ab` + `c` and `a` + `bc` apart.
        mac.update(&(domain.len() as u64).to_be_bytes());
        mac.update(domain.as_bytes());
        mac.update(bytes);
        HEXLOWER.encode(&mac.finalize().into_bytes()[..16])
    }
}

/// The first 16 bytes of SHA-256 over account, domain and a secret, in hex. For secrets of enough random bits that nobody
/// tries them out: they need no key, and their hash stays the same when the secret key is exchanged.
#[must_use]
pub fn hash_of_secret(account: AccountId, domain: &str, secret: &str) -> String {
    let hash = Sha256::new()
        .chain_update(account.as_uuid().as_bytes())
        .chain_update((domain.len() as u64).to_be_bytes())
        .chain_update(domain.as_bytes())
        .chain_update(secret.as_bytes());
    HEXLOWER.encode(&hash.finalize()[..16])
}

// SECURITY: the key is not printed.
impl fmt::Debug for KeyedHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyedHasher").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn keyed_hash_differs_by_key_account_domain_and_bytes() {
        let (a, b) = (AccountId::generate(), AccountId::generate());
        let hasher = KeyedHasher::new(Zeroizing::new([1; 32]));
        let hash = hasher.hash(a, "arguments", b"{}");
        assert_eq!(hash.len(), 32);
        assert_eq!(hash, hasher.hash(a, "arguments", b"{}"));
        for other in [
            hasher.hash(b, "arguments", b"{}"),
            hasher.hash(a, "session", b"{}"),
            hasher.hash(a, "arguments", b"{ }"),
            hasher.hash(a, "argument", b"s{}"),
            KeyedHasher::new(Zeroizing::new([2; 32])).hash(a, "arguments", b"{}"),
        ] {
            assert_ne!(hash, other);
        }
    }
}
