//! Which counter: the identity of `policy.md` section 4 as sixteen bytes.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Bytes of a key that say whose it is.
const TAG_BYTES: usize = 4;

/// Stands where an identity has no id.
const NO_ID: &[u8] = &[];

/// The identity of one counter.
///
/// The last four bytes of the account's id, then twelve bytes of a SHA-256 over the whole
/// identity, account included. The tag keeps an account's counters together and lets a store
/// bound them by account; two accounts that share a tag share that bound and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterKey([u8; 16]);

/// Whose calls are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Those of one session.
    Session(&'a [u8]),
    /// Those of one grant that belong to no session.
    Sessionless(&'a [u8]),
    /// Those of one grant.
    Grant(&'a [u8]),
    /// Those decided by one policy.
    Policy(&'a [u8]),
    /// Those to one server.
    Server,
    /// Those of the account, over all servers.
    Account,
    /// Those that the account's plan counts, apart from what any policy counts.
    Plan,
}

/// The window of a counter as far as it tells counters apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span<'a> {
    /// Any stretch of so many milliseconds.
    Sliding {
        /// Its length.
        window_ms: u64,
    },
    /// A stretch of the calendar.
    Calendar {
        /// Its name: `day`, `month`.
        unit: &'a str,
        /// The IANA time zone whose boundaries count.
        zone: &'a str,
    },
    /// The calls that are in flight.
    Concurrent,
}

impl CounterKey {
    /// The counter called `counter` of an account, for calls of `scope` to `server`.
    ///
    /// Ids are bytes, in whatever form the caller always uses. `server` does not count where the
    /// scope is the account.
    #[must_use]
    pub fn new(account: &[u8; 16], scope: Scope<'_>, server: &[u8], counter: &str, span: Span<'_>) -> Self {
        let (scope_tag, scope_id, server) = match scope {
            Scope::Session(id) => (0, id, server),
            Scope::Sessionless(grant) => (1, grant, server),
            Scope::Grant(id) => (2, id, server),
            Scope::Policy(id) => (3, id, server),
            Scope::Server => (4, NO_ID, server),
            Scope::Account => (5, NO_ID, NO_ID),
            Scope::Plan => (6, NO_ID, NO_ID),
        };
        let mut hash = Sha256::new();
        hash.update(account);
        hash.update([scope_tag]);
        // Each part goes in with its length, so that no two identities run together.
        for part in [scope_id, server, counter.as_bytes()] {
            update_part(&mut hash, part);
        }
        match span {
            Span::Sliding { window_ms } => {
                hash.update([0]);
                hash.update(window_ms.to_be_bytes());
            }
            Span::Calendar { unit, zone } => {
                hash.update([1]);
                update_part(&mut hash, unit.as_bytes());
                update_part(&mut hash, zone.as_bytes());
            }
            Span::Concurrent => hash.update([2]),
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut bytes = [0; 16];
        let tag = account.iter().skip(account.len() - TAG_BYTES);
        for (byte, from) in bytes.iter_mut().zip(tag.chain(&digest)) {
            *byte = *from;
        }
        Self(bytes)
    }

    /// The key behind stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, as they are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The part that all keys of an account share.
    pub(crate) const fn account_tag(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

/// A text that is no counter's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a counter's key is 32 lower-case hexadecimal digits")]
pub struct KeyError;

impl fmt::Display for CounterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for CounterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CounterKey({self})")
    }
}

impl FromStr for CounterKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(is_digit) {
            return Err(KeyError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| KeyError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

fn update_part(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const MINUTE: Span<'_> = Span::Sliding { window_ms: 60_000 };

    fn key(scope: Scope<'_>, server: &[u8], counter: &str, span: Span<'_>) -> CounterKey {
        CounterKey::new(&[7; 16], scope, server, counter, span)
    }

    #[test]
    fn key_of_another_identity_is_another() {
        let day = |zone| Span::Calendar { unit: "day", zone };
        let keys = [
            key(Scope::Grant(b"a"), b"s", "calls", MINUTE),
            key(Scope::Grant(b"b"), b"s", "calls", MINUTE),
            key(Scope::Grant(b"a"), b"t", "calls", MINUTE),
            key(Scope::Grant(b"as"), b"", "calls", MINUTE),
            key(Scope::Grant(b"a"), b"s", "refunds", MINUTE),
            key(Scope::Grant(b"a"), b"s", "calls", Span::Sliding { window_ms: 1 }),
            key(Scope::Grant(b"a"), b"s", "calls", day("UTC")),
            key(Scope::Grant(b"a"), b"s", "calls", day("Europe/Paris")),
            key(Scope::Grant(b"a"), b"s", "calls", Span::Concurrent),
            key(Scope::Session(b"a"), b"s", "calls", MINUTE),
            key(Scope::Sessionless(b"a"), b"s", "calls", MINUTE),
            key(Scope::Policy(b"a"), b"s", "calls", MINUTE),
            key(Scope::Server, b"s", "calls", MINUTE),
            key(Scope::Account, b"s", "calls", MINUTE),
            key(Scope::Plan, b"s", "calls", MINUTE),
            CounterKey::new(&[8; 16], Scope::Grant(b"a"), b"s", "calls", MINUTE),
        ];
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }

    #[test]
    fn key_of_account_scope_is_the_same_on_every_server() {
        assert_eq!(key(Scope::Account, b"s", "calls", MINUTE), key(Scope::Account, b"t", "calls", MINUTE));
    }

    #[test]
    fn key_begins_with_the_end_of_the_account() {
        let account: [u8; 16] = std::array::from_fn(|i| i as u8);
        let key = CounterKey::new(&account, Scope::Server, b"s", "calls", MINUTE);
        assert_eq!(key.as_bytes()[..4], [12, 13, 14, 15]);
        assert_eq!(key.account_tag(), 0x0c0d_0e0f);
        assert_eq!(CounterKey::from_bytes(*key.as_bytes()), key);
    }

    #[test]
    fn key_printed_and_parsed_is_the_same() {
        let key = CounterKey::new(&[0; 16], Scope::Server, b"s", "calls", MINUTE);
        let text = key.to_string();
        assert!(text.starts_with("00000000"));
        assert_eq!(text.len(), 32);
        assert_eq!(text.parse(), Ok(key));
        for wrong in [&text[1..], &text.to_uppercase(), "+0000000000000000000000000000000"] {
            assert_eq!(wrong.parse::<CounterKey>(), Err(KeyError));
        }
    }
}
