//! The keys in the data directory.

use std::fs;

use anyhow::{Context as _, ensure};
use ostiary_auth::SecretKey;

use crate::config::Config;
use crate::first_run::{DataDir, Keys, write_key};

/// Puts a new key in place of the one that is there, which stays beside it.
///
/// # Errors
///
/// Keys that are set and not in files, an exchange that is under way, or files that cannot be written.
pub(super) fn make(config: &Config) -> anyhow::Result<()> {
    ensure!(
        config.secret_key.is_none() && config.database_url.is_none(),
        "the keys are yours to set here: make one with `openssl rand -base64 32`, set the old one as \
         OSTIARY_SECRET_KEY_OTHER and the new one as OSTIARY_SECRET_KEY for every process"
    );
    let keys = Keys::read(config)?;
    ensure!(
        keys.other.is_none(),
        "an exchange is under way: run `ostiary secrets rotate` and `ostiary secrets forget`"
    );
    // The old key is kept first: at no moment is it nowhere.
    for (file, key) in [(DataDir::OTHER_KEY_FILE, keys.current), (DataDir::KEY_FILE, SecretKey::generate())] {
        let path = config.data_dir.join(file);
        write_key(&path, &key).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Removes the other key.
///
/// # Errors
///
/// A key that is set and not in a file, or a file that cannot be removed.
pub(super) fn forget(config: &Config) -> anyhow::Result<()> {
    ensure!(config.secret_key_other.is_none(), "nothing is sealed with it any more: unset OSTIARY_SECRET_KEY_OTHER");
    let path = config.data_dir.join(DataDir::OTHER_KEY_FILE);
    ensure!(path.exists(), "there is no other key");
    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))
}
