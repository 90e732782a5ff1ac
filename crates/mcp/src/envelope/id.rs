//! Ids of requests, kept as they were written.

use std::fmt;

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

use crate::json;

/// The id of a request as raw JSON: a string or an integer, echoed byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId<'a>(&'a str);

impl<'a> RequestId<'a> {
    /// The id that `raw` writes; `None` unless it is a string or an integer.
    pub(crate) fn parse(raw: &'a str) -> Option<Self> {
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        let integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        (integer || json::string(raw).is_some()).then_some(Self(raw))
    }

    /// The id as written, quotes included.
    #[must_use]
    pub fn as_raw(self) -> &'a str {
        self.0
    }

    /// A copy that outlives the body.
    #[must_use]
    pub fn to_owned(self) -> RequestIdBuf {
        RequestIdBuf(self.0.into())
    }
}

impl fmt::Display for RequestId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for RequestId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// A [`RequestId`] that owns its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestIdBuf(Box<str>);

impl RequestIdBuf {
    /// The id, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> RequestId<'_> {
        RequestId(&self.0)
    }
}

impl fmt::Display for RequestIdBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
