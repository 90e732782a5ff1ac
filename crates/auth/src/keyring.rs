//! One secret key, several purposes: HKDF-SHA256 (RFC 5869) makes a sub-key for each, so that
//! nothing made for one purpose is of use for another.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::keyed_hash::KeyedHasher;
use crate::seal::Sealer;
use crate::session::SessionKeys;

/// A 32-byte key as it is derived and used.
pub(crate) type SubKey = Zeroizing<[u8; 32]>;

/// The installation's secret key. Whoever has it can open every sealed credential.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(SubKey);

/// A text that is no secret key. Carries no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret key must be 32 bytes in base64")]
pub struct SecretKeyError;

impl SecretKey {
    /// A new key from the operating system's random source.
    #[must_use]
    pub fn generate() -> Self {
        let mut key = Zeroizing::new([0_u8; 32]);
        rand::fill(&mut key[..]);
        Self(key)
    }

    /// Reads a key from base64, of either alphabet, padded or not.
    ///
    /// # Errors
    ///
    /// When the text is anything else than 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, SecretKeyError> {
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let text = text.trim();
        let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
        let bytes = GeneralPurpose::new(alphabet, config).decode(text).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| SecretKeyError)?;
        <[u8; 32]>::try_from(bytes.as_slice()).map(|key| Self(Zeroizing::new(key))).map_err(|_| SecretKeyError)
    }

    /// What tells keys apart and says nothing about them: 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"ostiary secret key").chain_update(self.0.as_slice()).finalize();
        HEXLOWER.encode(&digest[..8])
    }

    /// The key in standard base64, to be written to its file.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(self.0.as_slice()))
    }
}

// SECURITY: the key is not printed.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

/// What sealed things are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Credentials for upstreams, at rest in the database.
    UpstreamCredentials,
    /// Answers of the API that are kept for whoever asks again.
    StoredAnswers,
    /// Session ids of the gateway, in the hands of clients.
    McpSession,
    /// What clients are given to bring back: request states, ids of events, cursors.
    McpToken,
    /// What tells a browser apart in which somebody has signed in before.
    Device,
    /// Secrets of apps that make codes, at rest in the database.
    Totp,
    /// That a password was right, in the hands of whoever gave it.
    Halfway,
    /// What a browser brings back from a provider of sign-ins.
    Errand,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::UpstreamCredentials => "ostiary upstream credentials v1",
            Self::StoredAnswers => "ostiary stored answers v1",
            Self::McpSession => "ostiary mcp session v1",
            Self::McpToken => "ostiary mcp token v1",
            Self::Device => "ostiary device v1",
            Self::Totp => "ostiary totp v1",
            Self::Halfway => "ostiary halfway v1",
            Self::Errand => "ostiary errand v1",
        }
    }
}

/// Sub-keys of the secret key. Cheap to clone; derive once, at start.
#[derive(Clone)]
pub struct Keyring {
    hkdf: Hkdf<Sha256>,
    /// Of the key that opens, and makes nothing; there is one while the secret key is exchanged.
    other: Option<Hkdf<Sha256>>,
}

impl Keyring {
    /// The sub-keys of a secret key.
    #[must_use]
    pub fn new(secret: &SecretKey) -> Self {
        Self { hkdf: hkdf(secret), other: None }
    }

    /// The same sub-keys, beside those of another secret key: what that sealed and signed is good, too.
    #[must_use]
    pub fn beside(self, other: Option<&SecretKey>) -> Self {
        Self { other: other.map(hkdf), ..self }
    }

    /// Seals and opens for one purpose.
    #[must_use]
    pub fn sealer(&self, purpose: Purpose) -> Sealer {
        Sealer::new(
            &derive(&self.hkdf, purpose.label()),
            self.other.as_ref().map(|other| derive(other, purpose.label())),
        )
    }

    /// Makes keyed hashes of what must not be stored.
    #[must_use]
    pub fn hasher(&self) -> KeyedHasher {
        KeyedHasher::new(derive(&self.hkdf, "ostiary keyed hash v1"))
    }

    /// Signs the tokens in session cookies.
    #[must_use]
    pub fn session_keys(&self) -> SessionKeys {
        const LABEL: &str = "ostiary browser session v1";
        SessionKeys::new(&derive(&self.hkdf, LABEL), self.other.as_ref().map(|other| derive(other, LABEL)).as_ref())
    }
}

fn hkdf(secret: &SecretKey) -> Hkdf<Sha256> {
    Hkdf::new(Some(b"ostiary"), secret.0.as_slice())
}

fn derive(hkdf: &Hkdf<Sha256>, label: &str) -> SubKey {
    let mut key = Zeroizing::new([0_u8; 32]);
    // INVARIANT: HKDF-SHA256 gives up to 8160 bytes; 32 are always to be had.
    hkdf.expand(label.as_bytes(), &mut key[..]).expect("32 bytes are within the limit of HKDF");
    key
}

// SECURITY: the keys are not printed.
impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_key_in_each_spelling_is_the_same() {
        let key = SecretKey(Zeroizing::new([0xfb; 32]));
        let standard = key.to_base64();
        let url_safe = standard.replace('+', "-").replace('/', "_");
        for text in
            [standard.as_str(), standard.trim_end_matches('='), url_safe.as_str(), format!(" {url_safe}\n").as_str()]
        {
            assert_eq!(SecretKey::from_base64(text).expect("a key").0, key.0, "{text}");
        }
    }

    #[test]
    fn secret_key_of_another_length_is_refused() {
        for text in ["", "AAAA", "not base64!", &"A".repeat(44), &"A".repeat(86)] {
            assert_eq!(SecretKey::from_base64(text).err(), Some(SecretKeyError), "{text}");
        }
    }

    #[test]
    fn keyring_of_two_purposes_shares_no_key() {
        let keyring = Keyring::new(&SecretKey(Zeroizing::new([1; 32])));
        let sealed = keyring.sealer(Purpose::McpSession).seal(b"x", b"");
        assert!(keyring.sealer(Purpose::UpstreamCredentials).open(&sealed, b"").is_err());
        assert_eq!(*keyring.sealer(Purpose::McpSession).open(&sealed, b"").expect("same purpose"), b"x");
    }

    #[test]
    fn secret_debug_shows_nothing_of_it() {
        let key = SecretKey::generate();
        assert_eq!(format!("{key:?} {:?}", Keyring::new(&key)), "SecretKey { .. } Keyring { .. }");
    }
}
