//! Texts that people give, checked once, at the door.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text was refused; the message says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NameError {
    message: &'static str,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks a text.
            ///
            /// # Errors
            ///
            /// When the text breaks the rules of the type; the error says which.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                $check(text).map(|checked| Self(checked.into()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }
    };
}

text!(
    /// What stands in a URL: 1 to 40 of `a-z`, `0-9` and single `-`, beginning and ending with a
    /// letter or digit. No `__`, which separates server and tool on the account's endpoint.
    Slug,
    check_slug
);
text!(
    /// What a plan is called: the rules of [`Slug`].
    PlanName,
    check_slug
);
text!(
    /// What people call a thing: 1 to 100 characters, no control characters, no outer blanks.
    Name,
    check_name
);
text!(
    /// What people call a grant: the rules of [`Name`].
    Label,
    check_name
);
text!(
    /// An e-mail address in lower case: one `@`, something on both sides, at most 254 characters
    /// (RFC 5321 section 4.5.3.1.3). Whether it works, only a mail can tell.
    Email,
    check_email
);

fn check_slug(text: &str) -> Result<&str, NameError> {
    let is_edge = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends_well = bytes.first().is_some_and(|&b| is_edge(b)) && bytes.last().is_some_and(|&b| is_edge(b));
    let inner = bytes.iter().all(|&b| is_edge(b) || b == b'-');
    if !ends_well || !inner || bytes.len() > 40 || text.contains("--") {
        return Err(NameError {
            message: "use 1 to 40 of a-z, 0-9 and single hyphens, beginning and ending with a letter or digit",
        });
    }
    Ok(text)
}

fn check_name(text: &str) -> Result<&str, NameError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NameError { message: "must not be empty" });
    }
    if text.chars().count() > 100 {
        return Err(NameError { message: "must be at most 100 characters" });
    }
    if text.chars().any(char::is_control) {
        return Err(NameError { message: "must not contain control characters" });
    }
    Ok(text)
}

fn check_email(text: &str) -> Result<String, NameError> {
    let text = text.trim().to_lowercase();
    let error = NameError { message: "must be an e-mail address, like name@example.com" };
    let Some((local, domain)) = text.split_once('@') else {
        return Err(error);
    };
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-') && !label.starts_with('-')
    };
    let local_is_plain = local.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"@,;<>()[]\\\"".contains(c));
    if local.is_empty() || local.len() > 64 || !local_is_plain || text.len() > 254 || !domain.split('.').all(is_label) {
        return Err(error);
    }
    Ok(text)
}

impl PlanName {
    /// A name that is written in the code.
    pub(crate) fn known(text: &'static str) -> Self {
        Self(text.into())
    }
}

impl Slug {
    /// A slug made from a name: what is not allowed becomes a hyphen.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut text = String::with_capacity(name.len());
        for c in name.to_lowercase().chars() {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                text.push(c);
            } else if !text.is_empty() && !text.ends_with('-') {
                text.push('-');
            }
            if text.len() == 40 {
                break;
            }
        }
        Self::parse(text.trim_end_matches('-')).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slug_of_allowed_characters_is_taken() {
        for text in ["a", "acme", "a-b-9", &"x".repeat(40)] {
            assert_eq!(Slug::parse(text).expect("allowed").as_str(), text);
        }
    }

    #[test]
    fn slug_with_anything_else_is_refused() {
        for text in ["", "-a", "a-", "a--b", "A", "a_b", "a.b", "ä", &"x".repeat(41)] {
            assert!(Slug::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn slug_is_made_from_a_name() {
        assert_eq!(Slug::from_name("Acme  Inc. (EU)").expect("letters").as_str(), "acme-inc-eu");
        assert_eq!(Slug::from_name("日本"), None);
    }

    #[test]
    fn email_is_lower_cased_and_checked() {
        assert_eq!(Email::parse(" Ada@Example.COM ").expect("address").as_str(), "ada@example.com");
        for text in ["", "a", "@b", "a@", "a b@c", "a@b..c", "a@b@c", "a@-b"] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn name_is_trimmed_and_bounded() {
        assert_eq!(Name::parse("  x ").expect("name").as_str(), "x");
        assert!(Name::parse("  ").is_err());
        assert!(Name::parse("a\nb").is_err());
        assert!(Name::parse(&"ä".repeat(100)).is_ok());
        assert!(Name::parse(&"ä".repeat(101)).is_err());
    }
}
