//! Codes of an app (RFC 6238): six digits that change every 30 seconds.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use ostiary_model::{Email, UserId};
use totp_rs::{Builder, Secret, Totp};
use url::Url;
use zeroize::Zeroizing;

use crate::seal::{SealError, Sealer};

/// As long as the hash is wide (RFC 4226 section 4).
const SECRET_BYTES: usize = 20;

/// What an app makes codes of. The clocks may differ by half a minute.
pub struct TotpSecret(Zeroizing<[u8; SECRET_BYTES]>);

impl TotpSecret {
    /// A new secret from the operating system's random source.
    #[must_use]
    pub fn generate() -> Self {
        let mut secret = Zeroizing::new([0_u8; SECRET_BYTES]);
        rand::fill(&mut secret[..]);
        Self(secret)
    }

    /// The secret sealed for one user.
    #[must_use]
    pub fn seal(&self, sealer: &Sealer, user: UserId) -> Vec<u8> {
        sealer.seal(&self.0[..], user.as_uuid().as_bytes())
    }

    /// The secret of a user.
    ///
    /// # Errors
    ///
    /// Bytes that were sealed with another key, or for another user.
    pub fn open(sealer: &Sealer, sealed: &[u8], user: UserId) -> Result<Self, SealError> {
        let opened = sealer.open(sealed, user.as_uuid().as_bytes())?;
        <[u8; SECRET_BYTES]>::try_from(opened.as_slice())
            .map(|secret| Self(Zeroizing::new(secret)))
            .map_err(|_| SealError)
    }

    /// The secret as people type it into an app: base32.
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0[..]))
    }

    /// Reads what [`Self::to_base32`] made; none for a text that is none.
    #[must_use]
    pub fn from_base32(text: &str) -> Option<Self> {
        let secret = BASE32_NOPAD.decode(text.as_bytes()).map(Zeroizing::new).ok()?;
        <[u8; SECRET_BYTES]>::try_from(secret.as_slice()).ok().map(|secret| Self(Zeroizing::new(secret)))
    }

    /// What an app reads from a picture: the secret, and whose it is.
    #[must_use]
    pub fn to_uri(&self, email: &Email) -> Zeroizing<String> {
        let Ok(mut uri) = Url::parse("otpauth://totp/") else { return Zeroizing::default() };
        uri.set_path(&format!("Ostiary:{email}"));
        uri.query_pairs_mut().append_pair("secret", &self.to_base32()).append_pair("issuer", "Ostiary");
        Zeroizing::new(uri.into())
    }

    /// The time step of a code, if it is one of now or of the steps beside it. Each step is to be taken once only.
    #[must_use]
    pub fn check(&self, code: &str, now_s: i64) -> Option<i64> {
        let now = u64::try_from(now_s).ok()?;
        i64::try_from(self.totp().check(code, now)?).ok()
    }

    /// The code of a moment, as an app shows it.
    #[must_use]
    pub fn code(&self, now_s: i64) -> String {
        self.totp().generate(u64::try_from(now_s).unwrap_or_default()).to_string()
    }

    fn totp(&self) -> Totp {
        Builder::new().with_secret(Secret::new_stack(*self.0)).build_noncompliant()
    }
}

// SECURITY: the secret is not printed.
impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TotpSecret").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Keyring, Purpose, SecretKey};

    /// RFC 6238, appendix B; the last six of its eight digits.
    #[test]
    fn code_is_the_one_of_the_rfc() {
        let secret = TotpSecret(Zeroizing::new(*b"12345678901234567890"));
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(secret.code(time), code);
            assert_eq!(secret.check(code, time), Some(time / 30));
        }
        assert_eq!(secret.to_base32().as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn code_is_good_for_the_steps_beside_its_own_and_no_other() {
        let secret = TotpSecret::generate();
        let code = secret.code(3_000);
        for (time, expected) in [(2_969, None), (2_970, Some(100)), (3_059, Some(100)), (3_060, None), (-1, None)] {
            assert_eq!(secret.check(&code, time), expected, "{time}");
        }
        for text in ["", "12345", "1234567", "abcdef"] {
            assert_eq!(secret.check(text, 3_000), None, "{text}");
        }
    }

    #[test]
    fn secret_sealed_opens_for_its_user_only() {
        let sealer = Keyring::new(&SecretKey::generate()).sealer(Purpose::Totp);
        let (secret, user) = (TotpSecret::generate(), UserId::generate());
        let sealed = secret.seal(&sealer, user);
        let opened = TotpSecret::open(&sealer, &sealed, user).expect("its own");
        assert_eq!(opened.code(0), secret.code(0));
        assert!(TotpSecret::open(&sealer, &sealed, UserId::generate()).is_err());
    }

    #[test]
    fn uri_names_the_user_and_the_issuer() {
        let secret = TotpSecret(Zeroizing::new(*b"12345678901234567890"));
        let uri = secret.to_uri(&Email::parse("ada@x.org").expect("an address"));
        let expected = "otpauth://totp/Ostiary:ada@x.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ostiary";
        assert_eq!(uri.as_str(), expected);
    }
}
