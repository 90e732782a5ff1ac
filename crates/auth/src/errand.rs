//! Errands: a browser is sent to a provider of sign-ins, and brings back a code. What it has to bring along is in a
//! sealed cookie, so that only the browser that was sent comes back with it.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use ostiary_model::UserId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::seal::Sealer;

/// How long somebody may take to sign in elsewhere.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

const SECRET_BYTES: usize = 32;

/// What a browser was sent for.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Errand {
    state: String,
    /// Stands in the provider's answer, so that none that was made for another occasion is taken.
    pub nonce: String,
    /// Proves to the provider that whoever redeems the code is who asked for it (PKCE, RFC 7636).
    pub verifier: String,
    /// The page that was asked for: a path of the dashboard.
    pub to: String,
    /// Who wants the identity linked to theirs; nobody when somebody signs in.
    #[zeroize(skip)]
    pub link: Option<UserId>,
    until_ms: i64,
}

impl Errand {
    /// A new errand at `now`, with secrets from the operating system's random source.
    #[must_use]
    pub fn begin(to: String, link: Option<UserId>, now: DateTime<Utc>) -> Self {
        let secret = || {
            let mut bytes = [0_u8; SECRET_BYTES];
            rand::fill(&mut bytes);
            BASE64URL_NOPAD.encode(&bytes)
        };
        let until_ms = (now + LIFETIME).timestamp_millis();
        Self { state: secret(), nonce: secret(), verifier: secret(), to, link, until_ms }
    }

    /// What the provider gives back to the browser, to be compared with the cookie.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// What the provider is told of [`Self::verifier`] (`S256`).
    #[must_use]
    pub fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(&Sha256::digest(self.verifier.as_bytes()))
    }

    /// The errand for a cookie.
    #[must_use]
    pub fn seal(&self, sealer: &Sealer) -> String {
        // A struct of texts and numbers is always JSON.
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(self).unwrap_or_default());
        sealer.seal_text(&plain, b"")
    }

    /// The errand that a browser comes back from: its cookie fits what the provider gave back, and it is not too late.
    #[must_use]
    pub fn end(sealer: &Sealer, cookie: &str, state: &str, now: DateTime<Utc>) -> Option<Self> {
        let opened = sealer.open_text(cookie, b"").ok()?;
        let errand: Self = serde_json::from_slice(&opened).ok()?;
        let fits = bool::from(errand.state.as_bytes().ct_eq(state.as_bytes()));
        (fits && now.timestamp_millis() < errand.until_ms).then_some(errand)
    }
}

// SECURITY: what it proves itself with is not printed.
impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errand").field("link", &self.link).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Keyring, Purpose, SecretKey};

    #[test]
    fn errand_ends_in_its_browser_with_its_state_in_time() {
        let keyring = Keyring::new(&SecretKey::generate());
        let sealer = keyring.sealer(Purpose::Errand);
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
        let (one, other) = (Errand::begin("/".to_owned(), None, now), Errand::begin("/".to_owned(), None, now));
        let cookie = one.seal(&sealer);
        let end = |state: &str, seconds| Errand::end(&sealer, &cookie, state, now + TimeDelta::seconds(seconds));
        assert_eq!(end(one.state(), 599).expect("in time").verifier, one.verifier);
        assert!(end(one.state(), 600).is_none());
        assert!(end(other.state(), 1).is_none());
        assert!(Errand::end(&keyring.sealer(Purpose::Device), &cookie, one.state(), now).is_none());
        assert!(one.verifier != one.nonce && one.verifier != one.state && one.verifier != other.verifier);
    }

    /// RFC 7636, appendix B.
    #[test]
    fn challenge_is_the_one_of_the_rfc() {
        let mut errand = Errand::begin("/".to_owned(), None, DateTime::UNIX_EPOCH);
        errand.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        assert_eq!(errand.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
