//! Guessing made slow: attempts to prove who one is are counted by where they come from and by whom they are about.
//!
//! Nobody is locked out by it. Attempts about a user from browsers in which that user has never signed in are counted
//! together; a browser in which they have is counted by itself, so that somebody who guesses elsewhere does not hold
//! it back. Counts are kept in the database: many replicas are not many times the attempts.

use std::net::IpAddr;

use ostiary_auth::DeviceId;
use ostiary_model::{Email, UserId};
use ostiary_storage::AttemptLimit;
use sha2::{Digest as _, Sha256};

use crate::error::ApiError;
use crate::state::ApiState;

/// By whom or about whom attempts are.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// From an address: of anybody's password or link.
    Address(IpAddr),
    /// About an e-mail address, from browsers that are not known.
    Email(&'a Email),
    /// From a browser that its user is known to use.
    Device(DeviceId),
    /// Of a signed-in user's own password, or of somebody's second factor.
    User(UserId),
    /// To give a user's second factor.
    SecondFactor(UserId),
    /// To sign up from an address with an e-mail address that is taken.
    SignUp(IpAddr),
    /// To have mail sent from an address.
    MailFrom(IpAddr),
    /// To have mail sent to an address.
    MailTo(&'a Email),
}

impl Subject<'_> {
    const fn limit(&self) -> AttemptLimit {
        match self {
            // Room for an office behind one address on a Monday morning.
            Self::Address(_) => AttemptLimit { burst: 60, interval_ms: 10_000 },
            Self::Email(_) | Self::Device(_) | Self::User(_) => AttemptLimit { burst: 10, interval_ms: 60_000 },
            // Three of a million codes are right at any time.
            Self::SecondFactor(_) => AttemptLimit { burst: 5, interval_ms: 300_000 },
            Self::SignUp(_) => AttemptLimit { burst: 20, interval_ms: 60_000 },
            Self::MailFrom(_) => AttemptLimit { burst: 10, interval_ms: 60_000 },
            Self::MailTo(_) => AttemptLimit { burst: 3, interval_ms: 600_000 },
        }
    }

    /// SECURITY: what is counted by is hashed, so that the table tells nobody's address.
    fn key(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        match self {
            Self::Address(address) => hash.update(tagged("address", &network(*address))),
            Self::Email(email) => hash.update(tagged("email", email.as_str().as_bytes())),
            Self::Device(device) => hash.update(tagged("device", device.as_bytes())),
            Self::User(user) => hash.update(tagged("user", user.as_uuid().as_bytes())),
            Self::SecondFactor(user) => hash.update(tagged("second factor", user.as_uuid().as_bytes())),
            Self::SignUp(address) => hash.update(tagged("sign up", &network(*address))),
            Self::MailFrom(address) => hash.update(tagged("mail from", &network(*address))),
            Self::MailTo(email) => hash.update(tagged("mail to", email.as_str().as_bytes())),
        }
        hash.finalize().into()
    }
}

fn tagged(tag: &str, bytes: &[u8]) -> Vec<u8> {
    [tag.as_bytes(), &[0], bytes].concat()
}

/// What one customer of a network has: an IPv4 address, or the half of an IPv6 address that names their link.
fn network(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
    }
}

/// Attempts that were counted as guesses.
#[derive(Debug)]
pub struct Counted {
    counts: Vec<([u8; 32], AttemptLimit)>,
}

impl Counted {
    /// Counts an attempt as a guess about every subject, or about none of them. Counted before it is looked at: many
    /// that are under way at once get no further than one after the other.
    ///
    /// # Errors
    ///
    /// [`ApiError::RateLimited`] when one of them has had too many.
    pub async fn begin<'a>(
        state: &ApiState,
        subjects: impl IntoIterator<Item = Subject<'a>>,
    ) -> Result<Self, ApiError> {
        let now_ms = state.clock.now_ms();
        let mut counted = Self { counts: Vec::new() };
        let all: Vec<_> = subjects.into_iter().map(|subject| (subject.key(), subject.limit())).collect();
        for (key, limit) in all {
            let retry_after_ms = state.store.count_attempt(&key, limit, now_ms).await?;
            if retry_after_ms > 0 {
                counted.was_right(state).await?;
                return Err(ApiError::RateLimited { retry_after_ms });
            }
            counted.counts.push((key, limit));
        }
        Ok(counted)
    }

    /// It was no guess: it counts for nothing.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn was_right(self, state: &ApiState) -> Result<(), ApiError> {
        for (key, limit) in self.counts {
            state.store.take_back_attempt(&key, limit).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_link_are_one_subject() {
        let key = |text: &str| Subject::Address(text.parse().expect("an address")).key();
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn subjects_of_two_kinds_are_never_the_same() {
        let address: IpAddr = "192.0.2.1".parse().expect("an address");
        assert_ne!(Subject::Address(address).key(), Subject::SignUp(address).key());
        let email = Email::parse("a@x.org").expect("an address");
        assert_ne!(Subject::Email(&email).key(), Subject::MailTo(&email).key());
    }
}
