//! Passkeys (WebAuthn): a device proves that it has a key, to this installation's name and to no other.
//!
//! What a ceremony begins with must come back within its time and once: callers keep [`Begun::state`] where nobody else
//! writes, and take it away when it is used.

use std::fmt;
use std::sync::Arc;

use ostiary_model::{Email, UserId};
use serde_json::Value;
use url::Url;
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication, PasskeyRegistration, Webauthn, WebauthnBuilder};

/// Registers and checks passkeys. Cheap to clone.
#[derive(Clone)]
pub struct Passkeys {
    webauthn: Arc<Webauthn>,
}

/// A ceremony that has begun.
pub struct Begun {
    /// What the browser is asked, as it takes it.
    pub options: Value,
    /// What the answer is compared with: for us alone.
    pub state: String,
}

/// A passkey, as it is stored. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyCredential {
    /// What browsers call it by: one of a kind.
    pub id: Vec<u8>,
    /// Its public key and its counter, as JSON.
    pub content: String,
}

/// Why a passkey does not count.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// What the browser sent is no answer to what it was asked: another site's, another challenge's, a wrong
    /// signature, or without a look at who holds the device.
    #[error("the answer of the browser proves nothing")]
    Refused,
    /// What was stored cannot be read.
    #[error("the stored passkey or ceremony cannot be read")]
    Stored(#[source] serde_json::Error),
    /// The library cannot make a ceremony out of what it was given.
    #[error("the ceremony cannot begin")]
    Begin,
}

impl Passkeys {
    /// For an installation at an address; none where browsers have no passkeys: at addresses without a name, and
    /// without TLS but on this machine.
    #[must_use]
    pub fn at(public_url: &Url) -> Option<Self> {
        let name = public_url.domain()?;
        if public_url.scheme() != "https" && name != "localhost" && !name.ends_with(".localhost") {
            return None;
        }
        let origin = Url::parse(&public_url.origin().ascii_serialization()).ok()?;
        let webauthn = WebauthnBuilder::new(name, &origin).and_then(|builder| builder.rp_name("Ostiary").build());
        webauthn.ok().map(|webauthn| Self { webauthn: Arc::new(webauthn) })
    }

    /// Asks a browser for a new passkey of a user, on a device that has none of those that are known.
    ///
    /// # Errors
    ///
    /// Known passkeys that cannot be read.
    pub fn begin_registration(
        &self,
        user: UserId,
        email: &Email,
        known: &[PasskeyCredential],
    ) -> Result<Begun, PasskeyError> {
        let exclude = known.iter().map(|known| known.id.clone()).collect();
        let (options, state) = self
            .webauthn
            .start_passkey_registration(*user.as_uuid(), email.as_str(), email.as_str(), Some(exclude))
            .map_err(|_| PasskeyError::Begin)?;
        Begun::new(&options, &state)
    }

    /// The new passkey in a browser's answer.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::Refused`]; a state that was not made here.
    pub fn finish_registration(&self, state: &str, answer: &str) -> Result<PasskeyCredential, PasskeyError> {
        let state: PasskeyRegistration = serde_json::from_str(state).map_err(PasskeyError::Stored)?;
        let answer = serde_json::from_str(answer).map_err(|_| PasskeyError::Refused)?;
        let passkey = self.webauthn.finish_passkey_registration(&answer, &state).map_err(|_| PasskeyError::Refused)?;
        PasskeyCredential::new(&passkey)
    }

    /// Asks a browser to prove that it has one of these.
    ///
    /// # Errors
    ///
    /// Passkeys that cannot be read.
    pub fn begin_proof(&self, known: &[PasskeyCredential]) -> Result<Begun, PasskeyError> {
        let known = known.iter().map(PasskeyCredential::read).collect::<Result<Vec<_>, _>>()?;
        let (options, state) = self.webauthn.start_passkey_authentication(&known).map_err(|_| PasskeyError::Begin)?;
        Begun::new(&options, &state)
    }

    /// Which passkey a browser has proven to have, with its counter as it is now. One whose counter went back was
    /// copied, and proves nothing.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::Refused`], also for one that is not known any more; what was stored and cannot be read.
    pub fn finish_proof(
        &self,
        state: &str,
        answer: &str,
        known: &[PasskeyCredential],
    ) -> Result<PasskeyCredential, PasskeyError> {
        let state: PasskeyAuthentication = serde_json::from_str(state).map_err(PasskeyError::Stored)?;
        let answer = serde_json::from_str(answer).map_err(|_| PasskeyError::Refused)?;
        let result = self.webauthn.finish_passkey_authentication(&answer, &state).map_err(|_| PasskeyError::Refused)?;
        let used: &[u8] = result.cred_id().as_ref();
        let used = known.iter().find(|known| known.id == used).ok_or(PasskeyError::Refused)?;
        let mut passkey = used.read()?;
        passkey.update_credential(&result);
        PasskeyCredential::new(&passkey)
    }
}

impl Begun {
    fn new(options: &impl serde::Serialize, state: &impl serde::Serialize) -> Result<Self, PasskeyError> {
        let options = serde_json::to_value(options).map_err(PasskeyError::Stored)?;
        Ok(Self { options, state: serde_json::to_string(state).map_err(PasskeyError::Stored)? })
    }
}

impl PasskeyCredential {
    fn new(passkey: &Passkey) -> Result<Self, PasskeyError> {
        let id: &[u8] = passkey.cred_id().as_ref();
        Ok(Self { id: id.to_vec(), content: serde_json::to_string(passkey).map_err(PasskeyError::Stored)? })
    }

    fn read(&self) -> Result<Passkey, PasskeyError> {
        serde_json::from_str(&self.content).map_err(PasskeyError::Stored)
    }
}

impl fmt::Debug for Passkeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passkeys").finish_non_exhaustive()
    }
}

// SECURITY: the challenge is not printed.
impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installation_without_a_name_or_without_tls_has_no_passkeys() {
        for (url, expected) in [
            ("https://ostiary.example", true),
            ("https://ostiary.example:8443/", true),
            ("http://localhost:8080", true),
            ("http://ostiary.example", false),
            ("http://127.0.0.1:8080", false),
            ("https://192.0.2.1", false),
        ] {
            assert_eq!(Passkeys::at(&url.parse().expect("a URL")).is_some(), expected, "{url}");
        }
    }

    #[test]
    fn ceremony_names_the_installation_and_wants_to_know_who_holds_the_device() {
        let passkeys = Passkeys::at(&"https://ostiary.example".parse().expect("a URL")).expect("passkeys");
        let email = Email::parse("ada@x.org").expect("an address");
        let begun = passkeys.begin_registration(UserId::generate(), &email, &[]).expect("begun");
        let options = &begun.options["publicKey"];
        assert_eq!(options["rp"]["id"], "ostiary.example");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        let other = passkeys.begin_registration(UserId::generate(), &email, &[]).expect("begun");
        assert_ne!(options["challenge"], other.options["publicKey"]["challenge"]);
        for answer in ["", "{}", "null"] {
            let refused = passkeys.finish_registration(&begun.state, answer);
            assert!(matches!(refused, Err(PasskeyError::Refused)), "{answer}");
        }
    }
}
