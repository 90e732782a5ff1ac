//! How a Redis is used.

use std::path::PathBuf;

use super::read::{Reader, text};

/// The longest prefix: every key begins with it.
const PREFIX_MAX: usize = 64;

/// Names and trust of a Redis.
#[derive(Clone, Debug)]
pub struct RedisConfig {
    /// What all keys begin with; every process of an installation has the same.
    pub prefix: String,
    /// A file with the certificates that vouch for the servers, in place of those that the system trusts.
    pub ca_file: Option<PathBuf>,
}

impl RedisConfig {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let prefix = reader.required("redis.prefix", |value| prefix(&text(value)?));
        let ca_file = reader.optional("redis.ca_file", |value| text(value).map(PathBuf::from));
        Some(Self { prefix: prefix?, ca_file: ca_file? })
    }
}

/// Braces would decide in which part of a cluster a key is.
fn prefix(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if text.is_empty() || text.len() > PREFIX_MAX || !text.chars().all(is_plain) {
        return Err(format!("must be 1 to {PREFIX_MAX} letters, digits and any of `-_.:`"));
    }
    Ok(text.to_owned())
}
