//! Sealing: XChaCha20-Poly1305 with a random nonce, a key id, and associated data that ties what
//! is sealed to its place.
//!
//! Layout: version `1` · key id (4 bytes) · nonce (24) · ciphertext and tag (16). The key id says
//! which key sealed it, so that a later key can be told apart before anything is tried; version
//! and key id are part of the associated data.
//!
//! While the secret key is exchanged there are two: everything is sealed with one, and opened with whichever sealed it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::keyring::SubKey;

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;
const HEADER: usize = 1 + KEY_ID;

/// Something that was not sealed here, for this purpose and place, or was changed since.
///
/// One error for every cause: which one it was helps only an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes cannot be opened")]
pub struct SealError;

/// Seals and opens for one purpose. Cheap to clone.
#[derive(Clone)]
pub struct Sealer {
    key: Key,
    /// Keys that open what they sealed, and seal nothing.
    others: Arc<[Key]>,
}

#[derive(Clone)]
struct Key {
    cipher: Arc<XChaCha20Poly1305>,
    header: [u8; HEADER],
}

/// Which key sealed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedBy {
    /// The one that seals now.
    Current,
    /// One that opens still.
    Other,
    /// None of ours.
    Unknown,
}

impl Key {
    fn new(key: &SubKey) -> Self {
        let mut header = [VERSION; HEADER];
        let digest = Sha256::new().chain_update(b"ostiary key id").chain_update(key.as_slice()).finalize();
        header[1..].copy_from_slice(&digest[..KEY_ID]);
        Self { cipher: Arc::new(XChaCha20Poly1305::new((&**key).into())), header }
    }

    fn covered(&self, associated: &[u8]) -> Vec<u8> {
        [&self.header[..], associated].concat()
    }

    fn open(&self, sealed: &[u8], associated: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let rest = sealed.strip_prefix(&self.header[..]).ok_or(SealError)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(SealError)?;
        let covered = self.covered(associated);
        let payload = Payload { msg: ciphertext, aad: &covered };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| SealError)
    }
}

impl Sealer {
    pub(crate) fn new(key: &SubKey, others: impl IntoIterator<Item = SubKey>) -> Self {
        Self { key: Key::new(key), others: others.into_iter().map(|other| Key::new(&other)).collect() }
    }

    /// Which key sealed something, as it says itself; nothing is opened.
    #[must_use]
    pub fn sealed_by(&self, sealed: &[u8]) -> SealedBy {
        if sealed.starts_with(&self.key.header) {
            SealedBy::Current
        } else if self.others.iter().any(|other| sealed.starts_with(&other.header)) {
            SealedBy::Other
        } else {
            SealedBy::Unknown
        }
    }

    /// Seals bytes; only the same `associated` bytes open them again.
    #[must_use]
    pub fn seal(&self, plaintext: &[u8], associated: &[u8]) -> Vec<u8> {
        // 192 random bits: no counter to keep, and no collision to fear for one key.
        let mut nonce = [0_u8; NONCE];
        rand::fill(&mut nonce[..]);
        let covered = self.key.covered(associated);
        let payload = Payload { msg: plaintext, aad: &covered };
        // INVARIANT: encryption fails only beyond 256 GiB.
        let ciphertext = self.key.cipher.encrypt(&XNonce::from(nonce), payload).expect("a plaintext below 256 GiB");
        [&self.key.header[..], &nonce, &ciphertext].concat()
    }

    /// Opens what [`Self::seal`] made.
    ///
    /// # Errors
    ///
    /// [`SealError`] when anything differs: key, version, associated bytes, or the sealed bytes.
    pub fn open(&self, sealed: &[u8], associated: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let fitting = std::iter::once(&self.key).chain(&*self.others).find(|key| sealed.starts_with(&key.header));
        fitting.ok_or(SealError)?.open(sealed, associated)
    }

    /// Seals to text that fits in a header: base64url without padding.
    #[must_use]
    pub fn seal_text(&self, plaintext: &[u8], associated: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(plaintext, associated))
    }

    /// Opens what [`Self::seal_text`] made.
    ///
    /// # Errors
    ///
    /// As [`Self::open`]; also for a text that is not base64url.
    pub fn open_text(&self, sealed: &str, associated: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| SealError)?;
        self.open(&sealed, associated)
    }
}

// SECURITY: the key is not printed.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(key: u8) -> Sealer {
        Sealer::new(&Zeroizing::new([key; 32]), [])
    }

    #[test]
    fn sealed_bytes_open_with_the_same_key_and_place() {
        let sealed = sealer(1).seal(b"secret", b"srv_1");
        assert_eq!(*sealer(1).open(&sealed, b"srv_1").expect("same place"), b"secret");
        let text = sealer(1).seal_text(b"", b"");
        assert_eq!(*sealer(1).open_text(&text, b"").expect("empty is fine"), b"");
    }

    #[test]
    fn sealed_bytes_do_not_open_elsewhere() {
        let sealed = sealer(1).seal(b"secret", b"srv_1");
        assert_eq!(sealer(1).open(&sealed, b"srv_2").err(), Some(SealError));
        assert_eq!(sealer(2).open(&sealed, b"srv_1").err(), Some(SealError));
    }

    #[test]
    fn sealed_bytes_with_one_bit_changed_do_not_open() {
        let sealed = sealer(1).seal(b"secret", b"");
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(sealer(1).open(&changed, b"").err(), Some(SealError), "position {position}");
        }
        for length in 0..sealed.len() {
            assert!(sealer(1).open(&sealed[..length], b"").is_err(), "length {length}");
        }
    }

    #[test]
    fn sealed_twice_is_different_each_time() {
        assert_ne!(sealer(1).seal(b"secret", b""), sealer(1).seal(b"secret", b""));
    }

    #[test]
    fn sealer_with_another_key_opens_what_that_sealed_and_seals_with_its_own() {
        let (old, new) = (sealer(1), sealer(2));
        let both = Sealer::new(&Zeroizing::new([2; 32]), [Zeroizing::new([1; 32])]);
        let sealed = old.seal(b"secret", b"srv_1");
        assert_eq!(both.sealed_by(&sealed), SealedBy::Other);
        assert_eq!(new.sealed_by(&sealed), SealedBy::Unknown);
        assert_eq!(*both.open(&sealed, b"srv_1").expect("the other key"), b"secret");
        assert!(both.open(&sealed, b"srv_2").is_err());
        let again = both.seal(b"secret", b"srv_1");
        assert_eq!(both.sealed_by(&again), SealedBy::Current);
        assert!(old.open(&again, b"srv_1").is_err());
        assert_eq!(*new.open(&again, b"srv_1").expect("its own key"), b"secret");
    }

    #[test]
    fn text_that_is_not_base64_does_not_open() {
        for text in ["", "!", "AAAA", "=="] {
            assert_eq!(sealer(1).open_text(text, b"").err(), Some(SealError), "{text}");
        }
    }
}
