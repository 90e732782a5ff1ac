//! The data directory: made on first start, held by one process at a time.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use ostiary_auth::{Keyring, SecretKey};

use crate::config::Config;

const LOCK_FILE: &str = "lock";

/// The data directory, held until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    lock: File,
}

impl DataDir {
    /// The file with the secret key.
    pub const KEY_FILE: &str = "secret.key";
    /// The file with the key that opens what it sealed, and seals nothing: there is one while the key is exchanged.
    pub const OTHER_KEY_FILE: &str = "secret.key.other";
    /// The file with the database.
    pub const DATABASE_FILE: &str = "ostiary.db";

    /// Makes the directory when it is not there, for its owner only, and takes hold of it.
    ///
    /// Two processes on one directory would each count calls for themselves, and so let twice as many through.
    ///
    /// # Errors
    ///
    /// A directory that cannot be made, or that another process holds.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        make_private(path).with_context(|| format!("cannot make the data directory {}", path.display()))?;
        let path = path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
        let lock_path = path.join(LOCK_FILE);
        let lock = private_file()
            .truncate(false)
            .create(true)
            .open(&lock_path)
            .with_context(|| format!("cannot open {}", lock_path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another ostiary uses the data directory {}; stop it, or set OSTIARY_DATA_DIR", path.display())
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", lock_path.display()))
            }
        }
    }

    /// The database's file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        Self::database_in(&self.path)
    }

    /// The database's file in a directory that another process may hold.
    #[must_use]
    pub fn database_in(path: &Path) -> PathBuf {
        path.join(Self::DATABASE_FILE)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the directory has a secret key.
    #[must_use]
    pub fn has_secret_key(&self) -> bool {
        self.path.join(Self::KEY_FILE).is_file()
    }

    /// The secret key: the configured one, or the one of the directory, made when there is none.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or written, or that holds no key. It is never replaced: everything sealed with it
    /// would be lost.
    pub fn secret_key(&self, config: &Config) -> anyhow::Result<SecretKey> {
        if let Some(key) = &config.secret_key {
            return Ok(key.clone());
        }
        let path = self.path.join(Self::KEY_FILE);
        match fs::read_to_string(&path) {
            Ok(text) => SecretKey::from_base64(&text).with_context(|| format!("{} cannot be used", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = SecretKey::generate();
                write_key(&path, &key).with_context(|| format!("cannot write {}", path.display()))?;
                tracing::info!(path = %path.display(), "made a secret key; whoever has it can open stored credentials");
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
}

/// The keys of an installation, as every process and command has them.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The one that seals.
    pub current: SecretKey,
    /// One that opens what it sealed, while the key is exchanged.
    pub other: Option<SecretKey>,
}

impl Keys {
    /// The keys of the settings, or else of the data directory. None is made.
    ///
    /// # Errors
    ///
    /// No key, or a file that holds none.
    pub fn read(config: &Config) -> anyhow::Result<Self> {
        let current = match &config.secret_key {
            Some(key) => key.clone(),
            None => {
                let path = config.data_dir.join(DataDir::KEY_FILE);
                read_key(&path)?
                    .with_context(|| format!("there is no secret key, neither set nor in {}", path.display()))?
            }
        };
        Ok(Self { other: Self::other(config, &config.data_dir, &current)?, current })
    }

    /// The other key of the settings, or else of a directory.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or that holds no key.
    pub fn other(config: &Config, directory: &Path, current: &SecretKey) -> anyhow::Result<Option<SecretKey>> {
        let other = match (&config.secret_key_other, config.database_url.is_some()) {
            (Some(key), _) => Some(key.clone()),
            (None, true) => None,
            (None, false) => read_key(&directory.join(DataDir::OTHER_KEY_FILE))?,
        };
        // The same key twice is one.
        Ok(other.filter(|other| other != current))
    }

    /// What they make.
    #[must_use]
    pub fn keyring(&self) -> Keyring {
        Keyring::new(&self.current).beside(self.other.as_ref())
    }
}

impl DataDir {
    /// Writes down which keys the process that holds the directory has: nothing is to be sealed with one that it lacks.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn note_keys(&self, keys: &Keys) -> std::io::Result<()> {
        let text: String =
            std::iter::once(&keys.current).chain(&keys.other).map(|key| key.fingerprint() + "\n").collect();
        self.lock.set_len(0)?;
        (&self.lock).write_all(text.as_bytes())
    }

    /// Whether a process holds the directory that does not have this key.
    ///
    /// # Errors
    ///
    /// A directory that cannot be read.
    pub fn is_held_without(path: &Path, key: &SecretKey) -> std::io::Result<bool> {
        let lock_path = path.join(LOCK_FILE);
        let lock = match private_file().open(&lock_path) {
            Ok(lock) => lock,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        match lock.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => {
                Ok(!fs::read_to_string(lock_path)?.lines().any(|line| line == key.fingerprint()))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// The key in a file, if there is one.
fn read_key(path: &Path) -> anyhow::Result<Option<SecretKey>> {
    match fs::read_to_string(path) {
        Ok(text) => {
            let key = SecretKey::from_base64(&text);
            key.map(Some).with_context(|| format!("{} cannot be used", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

pub(crate) fn write_key(path: &Path, key: &SecretKey) -> std::io::Result<()> {
    let mut text = key.to_base64();
    text.push('\n');
    write_private(path, text.as_bytes())
}

/// Writes a file for its owner only, whole or not at all: beside its place first, then moved there.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    // A draft of a start that was killed has never been in use.
    let mut file = private_file().create(true).truncate(true).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Makes a directory for its owner only.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

fn private_file() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Given;

    fn config() -> Config {
        Config::read(&Given::default()).unwrap()
    }

    #[test]
    fn secret_key_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let first = DataDir::open(&path).unwrap().secret_key(&config()).unwrap();
        let second = DataDir::open(&path).unwrap().secret_key(&config()).unwrap();
        assert_eq!(*first.to_base64(), *second.to_base64());
    }

    #[cfg(unix)]
    #[test]
    fn data_directory_and_key_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        DataDir::open(&path).unwrap().secret_key(&config()).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(DataDir::KEY_FILE)), 0o600);
    }

    #[test]
    fn data_directory_in_use_is_refused_until_it_is_let_go() {
        let dir = tempfile::tempdir().unwrap();
        let held = DataDir::open(dir.path()).unwrap();
        assert!(DataDir::open(dir.path()).unwrap_err().to_string().contains("another ostiary"));
        drop(held);
        DataDir::open(dir.path()).unwrap();
    }

    #[test]
    fn key_file_that_holds_no_key_is_an_error_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        fs::write(dir.path().join(DataDir::KEY_FILE), "not a key").unwrap();
        assert!(data.secret_key(&config()).is_err());
        assert_eq!(fs::read_to_string(dir.path().join(DataDir::KEY_FILE)).unwrap(), "not a key");
    }
}
