//! What is in a backup, so that a part of one, or a damaged one, is not taken for a whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::first_run::write_private;

/// The file with the manifest, in the directory of the backup.
const FILE: &str = "backup.json";

/// The form of backups that this version writes and reads.
const FORMAT: u32 = 1;

/// The files of a backup.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    /// The version of the program that wrote it.
    version: String,
    pub(super) made_at: DateTime<Utc>,
    /// SHA-256 of each file, by its name.
    files: BTreeMap<String, String>,
}

impl Manifest {
    /// Of the files that are in a directory.
    pub(super) fn of(directory: &Path, names: &[&str], now: DateTime<Utc>) -> anyhow::Result<Self> {
        let mut files = BTreeMap::new();
        for name in names {
            files.insert((*name).to_owned(), hash(&directory.join(name))?);
        }
        Ok(Self { format: FORMAT, version: env!("CARGO_PKG_VERSION").to_owned(), made_at: now, files })
    }

    pub(super) fn write(&self, directory: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        write_private(&directory.join(FILE), &text).context("cannot write the manifest")
    }

    /// Reads it, and checks every file it names.
    pub(super) fn read(directory: &Path) -> anyhow::Result<Self> {
        let path = directory.join(FILE);
        let text = std::fs::read(&path).with_context(|| format!("{} is no backup", directory.display()))?;
        let manifest: Self =
            serde_json::from_slice(&text).with_context(|| format!("{} cannot be read", path.display()))?;
        if manifest.format != FORMAT {
            bail!("the backup has form {}; this version reads form {FORMAT}", manifest.format);
        }
        for (name, expected) in &manifest.files {
            if hash(&directory.join(name))? != *expected {
                bail!("{name} of the backup is not what was written");
            }
        }
        Ok(manifest)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }
}

fn hash(path: &Path) -> anyhow::Result<String> {
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        let count = file.read(&mut buffer).with_context(|| format!("cannot read {}", path.display()))?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { break };
        hasher.update(read);
    }
    Ok(ostiary_api::ops::tool::hex(&hasher.finalize().into()))
}
