//! Typed ids: a prefix that names the type, and a UUIDv7 in lower-case base32.
//!
//! The extended-hex alphabet of RFC 4648 section 7 keeps the order of the bytes, so the text of
//! ids sorts by the time they were made, like the ids themselves.

use std::fmt;
use std::str::FromStr;

use data_encoding::{Encoding, Specification};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is no id of the wanted type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no id that begins with `{prefix}_`")]
pub struct IdError {
    text: String,
    prefix: &'static str,
}

fn base32() -> &'static Encoding {
    static ENCODING: std::sync::OnceLock<Encoding> = std::sync::OnceLock::new();
    ENCODING.get_or_init(|| {
        let mut specification = Specification::new();
        specification.symbols.push_str("0123456789abcdefghijklmnopqrstuv");
        // The symbols are a constant of 32 distinct characters, the only thing that can be wrong.
        specification.encoding().unwrap_or(data_encoding::BASE32HEX_NOPAD)
    })
}

fn parse(text: &str, prefix: &'static str) -> Result<Uuid, IdError> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .and_then(|rest| base32().decode(rest.as_bytes()).ok())
        .and_then(|bytes| Uuid::from_slice(&bytes).ok())
        .ok_or_else(|| IdError { text: text.chars().take(80).collect(), prefix })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// What the text of every such id begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, ordered by the time it was made.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id behind a stored UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID, as it is stored.
            #[must_use]
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(&base32().encode(self.0.as_bytes()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text, $prefix).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

id!(
    /// An account: a tenant.
    AccountId, "acc"
);
id!(
    /// A person who signs in.
    UserId, "usr"
);
id!(
    /// A signed-in browser of a user.
    SessionId, "ses"
);
id!(
    /// An invitation to become a member.
    InvitationId, "inv"
);
id!(
    /// A key for the REST API.
    ApiKeyId, "key"
);
id!(
    /// The record of one change.
    AuditEventId, "aud"
);
id!(
    /// A user as a provider of sign-ins knows them.
    IdentityId, "idn"
);
id!(
    /// A device that proves who somebody is.
    PasskeyId, "psk"
);
id!(
    /// A registered upstream server.
    ServerId, "srv"
);
id!(
    /// A difference between an inventory and what was accepted of it.
    ToolChangeId, "chg"
);
id!(
    /// A policy, over all its versions.
    PolicyId, "pol"
);
id!(
    /// A grant: what an agent holds.
    GrantId, "grt"
);
id!(
    /// The log record of one call.
    DecisionId, "dec"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_printed_and_parsed_is_the_same() {
        let id = ServerId::generate();
        let text = id.to_string();
        assert!(text.starts_with("srv_"));
        assert_eq!(text.len(), 4 + 26);
        assert_eq!(text.parse::<ServerId>(), Ok(id));
    }

    #[test]
    fn id_of_another_type_is_refused() {
        let text = ServerId::generate().to_string();
        let error = text.parse::<GrantId>().expect_err("another prefix");
        assert_eq!(error.to_string(), format!("`{text}` is no id that begins with `grt_`"));
    }

    #[test]
    fn id_texts_sort_like_ids() {
        let mut ids: Vec<DecisionId> = (0..200).map(|_| DecisionId::generate()).collect();
        ids.sort();
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        assert!(texts.is_sorted());
    }

    #[test]
    fn id_with_upper_case_or_wrong_length_is_refused() {
        let text = ServerId::generate().to_string();
        assert!(text.to_uppercase().parse::<ServerId>().is_err());
        assert!(text[..text.len() - 1].parse::<ServerId>().is_err());
        assert!("srv_".parse::<ServerId>().is_err());
    }
}
