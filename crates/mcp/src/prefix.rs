//! Names of several servers side by side: of tools and prompts `<server>__<name>`, of resources `ostiary+<server>:<uri>`.
//!
//! A server is known here by its slug, which has neither `_` nor `+`, so that every name has one reading.

use std::hash::Hasher;

/// Longest name of a tool: the least that common models and clients take.
pub const TOOL_NAME_MAX: usize = 64;

const BETWEEN: &str = "__";
const SCHEME: &str = "ostiary+";

/// A tool as clients of the account's endpoint know it: at most [`TOOL_NAME_MAX`] characters. A longer name keeps its
/// beginning and ends in `_` and eight digits that stand for the whole of it, the same ones for ever.
#[must_use]
pub fn tool_name(server: &str, tool: &str) -> String {
    let whole = prompt_name(server, tool);
    if whole.chars().count() <= TOOL_NAME_MAX {
        return whole;
    }
    let digits = format!("_{:08x}", fnv(whole.as_bytes()) >> 32);
    let kept = whole.chars().take(TOOL_NAME_MAX - digits.len());
    kept.chain(digits.chars()).collect()
}

/// A prompt as clients of the account's endpoint know it.
#[must_use]
pub fn prompt_name(server: &str, name: &str) -> String {
    format!("{server}{BETWEEN}{name}")
}

/// The server and the rest of a name. The rest is what the server calls it, unless it is a tool and was shortened: see
/// [`is_shortened`].
#[must_use]
pub fn split_name(name: &str) -> Option<(&str, &str)> {
    name.split_once(BETWEEN).filter(|(server, rest)| !server.is_empty() && !rest.is_empty())
}

/// Whether a tool's name may stand for a longer one: whoever reads it has to look which tools of the server are called
/// so.
#[must_use]
pub fn is_shortened(name: &str) -> bool {
    name.chars().count() == TOOL_NAME_MAX
}

/// A resource, or the template of resources, as clients of the account's endpoint know it.
#[must_use]
pub fn resource_uri(server: &str, uri: &str) -> String {
    resource_prefix(server) + uri
}

/// What stands before the URIs of a server's resources.
#[must_use]
pub(crate) fn resource_prefix(server: &str) -> String {
    format!("{SCHEME}{server}:")
}

/// The server of a resource and what the server calls it.
#[must_use]
pub fn split_uri(uri: &str) -> Option<(&str, &str)> {
    // Schemes are read without regard to case, and some libraries write them in lower case.
    let (scheme, rest) = uri.split_once(':')?;
    let head = scheme.get(..SCHEME.len()).filter(|head| head.eq_ignore_ascii_case(SCHEME))?;
    let server = scheme.get(head.len()..).filter(|server| !server.is_empty())?;
    Some((server, rest)).filter(|(_, rest)| !rest.is_empty())
}

/// FNV-1a, 64 bits: short, and the same on every machine and in every version. Nobody gains by a collision: the tools of
/// a server are named by the server.
fn fnv(bytes: &[u8]) -> u64 {
    struct Fnv(u64);
    impl Hasher for Fnv {
        fn finish(&self) -> u64 {
            self.0
        }

        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tool_name_that_fits_is_the_server_and_the_tool() {
        assert_eq!(tool_name("pay", "create_refund"), "pay__create_refund");
        assert_eq!(split_name("pay__create__refund"), Some(("pay", "create__refund")));
        assert_eq!(tool_name("s", &"t".repeat(61)).len(), 64);
        assert_eq!((split_name("pay"), split_name("__x"), split_name("pay__")), (None, None, None));
    }

    #[test]
    fn tool_name_that_is_too_long_ends_in_the_same_digits_for_ever() {
        let name = tool_name("billing", &"x".repeat(80));
        assert_eq!(name, "billing__xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_8cb06990");
        assert_eq!(name.len(), 64);
        assert!(is_shortened(&name));
        assert_ne!(name, tool_name("billing", &"x".repeat(81)));
    }

    #[test]
    fn resource_uri_is_a_uri_and_is_split_again() {
        let uri = resource_uri("files-2", "file:///a/b?c#d");
        assert_eq!(uri, "ostiary+files-2:file:///a/b?c#d");
        assert_eq!(split_uri(&uri), Some(("files-2", "file:///a/b?c#d")));
        assert_eq!(split_uri("OSTIARY+files-2:x:y"), Some(("files-2", "x:y")));
        assert_eq!((split_uri("file:///a"), split_uri("ostiary+:x"), split_uri("ostiary+a:")), (None, None, None));
    }

    proptest! {
        #[test]
        fn split_name_of_a_name_that_fits_gives_both_back(server in "[a-z0-9]{1,10}(-[a-z0-9]{1,5})?", tool in ".{1,40}") {
            let name = tool_name(&server, &tool);
            prop_assume!(!is_shortened(&name));
            prop_assert_eq!(split_name(&name), Some((server.as_str(), tool.as_str())));
        }

        #[test]
        fn tool_name_is_never_too_long(server in "[a-z0-9]{1,40}", tool in ".{1,140}") {
            let name = tool_name(&server, &tool);
            prop_assert!(name.chars().count() <= TOOL_NAME_MAX);
            let belongs = name.starts_with(&format!("{server}__"));
            prop_assert!(belongs);
        }
    }
}
