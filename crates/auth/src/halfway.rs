//! Halfway in: the first proof was right, the second factor is to come.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use ostiary_model::{SignInMethod, UserId};
use uuid::Uuid;

use crate::seal::Sealer;

/// How long one may stand between the doors.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

const USER_BYTES: usize = 16;

/// Makes and reads the tokens of those who are halfway in. Cheap to clone.
#[derive(Clone)]
pub struct Halfway {
    sealer: Sealer,
}

impl Halfway {
    /// With the sealer of [`Purpose::Halfway`](crate::Purpose::Halfway).
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// A token that says that the user's first proof was right at `now`, and which one it was.
    #[must_use]
    pub fn issue(&self, user: UserId, method: SignInMethod, now: DateTime<Utc>) -> String {
        let until = (now + LIFETIME).timestamp_millis().to_be_bytes();
        self.sealer.seal_text(&[&user.as_uuid().as_bytes()[..], &until, method.as_str().as_bytes()].concat(), b"")
    }

    /// Whose first proof was right, and which one it was, unless that is too long ago at `now`.
    #[must_use]
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<(UserId, SignInMethod)> {
        let opened = self.sealer.open_text(token, b"").ok()?;
        let (user, rest) = opened.split_at_checked(USER_BYTES)?;
        let (until, method) = rest.split_first_chunk()?;
        let method = std::str::from_utf8(method).ok()?.parse().ok()?;
        let user = UserId::from_uuid(Uuid::from_slice(user).ok()?);
        (now.timestamp_millis() < i64::from_be_bytes(*until)).then_some((user, method))
    }
}

// SECURITY: the key is not printed.
impl fmt::Debug for Halfway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Halfway").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Keyring, Purpose, SecretKey};

    #[test]
    fn token_is_good_for_five_minutes_and_made_here() {
        let keyring = Keyring::new(&SecretKey::generate());
        let (halfway, user) = (Halfway::new(keyring.sealer(Purpose::Halfway)), UserId::generate());
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
        let token = halfway.issue(user, SignInMethod::Provider, now);
        assert_eq!(
            halfway.read(&token, now + LIFETIME - TimeDelta::milliseconds(1)),
            Some((user, SignInMethod::Provider))
        );
        assert_eq!(halfway.read(&token, now + LIFETIME), None);
        let other = Halfway::new(keyring.sealer(Purpose::Device));
        assert_eq!(other.read(&token, now), None);
        assert_eq!(halfway.read("", now), None);
    }
}
