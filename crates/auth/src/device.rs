//! Browsers in which a user has signed in before, told apart by a sealed cookie.
//!
//! Wrong passwords that are tried elsewhere never hold such a browser back: nobody locks a person out of the browser
//! they always use by guessing their password.

use std::fmt;

use ostiary_model::UserId;
use uuid::Uuid;

use crate::seal::Sealer;

const ID_BYTES: usize = 16;
const USER_BYTES: usize = 16;

/// What tells one browser of one user from others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceId([u8; ID_BYTES]);

impl DeviceId {
    /// The bytes, to count by.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; ID_BYTES] {
        &self.0
    }
}

// SECURITY: whoever knows it could use up its attempts; it is not printed.
impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceId").finish_non_exhaustive()
    }
}

/// Makes and reads the cookies. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Devices {
    sealer: Sealer,
}

impl Devices {
    /// With the sealer of [`Purpose::Device`](crate::Purpose::Device).
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// The text for the cookie of a browser in which the user has proven who they are.
    #[must_use]
    pub fn issue(&self, user: UserId) -> String {
        let mut id = [0_u8; ID_BYTES];
        rand::fill(&mut id[..]);
        self.sealer.seal_text(&[user.as_uuid().as_bytes(), &id[..]].concat(), b"")
    }

    /// Whose browser it is, and which; none for a text that was not made here.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<(UserId, DeviceId)> {
        let opened = self.sealer.open_text(text, b"").ok()?;
        let (user, id) = opened.split_at_checked(USER_BYTES)?;
        Some((UserId::from_uuid(Uuid::from_slice(user).ok()?), DeviceId(id.try_into().ok()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Keyring, Purpose, SecretKey};

    fn devices() -> Devices {
        Devices::new(Keyring::new(&SecretKey::generate()).sealer(Purpose::Device))
    }

    #[test]
    fn device_issued_is_read_as_the_users_own() {
        let (devices, user) = (devices(), UserId::generate());
        let (first, second) = (devices.issue(user), devices.issue(user));
        let read = devices.read(&first).expect("made here");
        assert_eq!(read.0, user);
        assert_ne!(read.1, devices.read(&second).expect("made here").1);
    }

    #[test]
    fn device_made_elsewhere_is_none() {
        let text = devices().issue(UserId::generate());
        for text in [text.as_str(), "", "AAAA"] {
            assert_eq!(devices().read(text), None);
        }
    }
}
