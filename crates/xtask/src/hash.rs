//! Fingerprints of files, to skip a step whose inputs did not change.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use anyhow::Context as _;

/// A fingerprint of the files at `paths`, directories taken whole; names in `skip` are passed over at any depth.
///
/// # Errors
/// A file that cannot be read. A path that is not there counts as empty.
pub(crate) fn of(root: &Path, paths: &[&str], skip: &[&str]) -> anyhow::Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(&mut hasher, &root.join(path), skip)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(hasher: &mut DefaultHasher, path: &Path, skip: &[&str]) -> anyhow::Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if skip.contains(&name) || !path.exists() {
        return Ok(());
    }
    hasher.write(name.as_bytes());
    hasher.write_u8(0);
    if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
        let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            add(hasher, &entry.path(), skip)?;
        }
        // The end of a directory, so that moving a file up or down a level shows.
        hasher.write_u8(1);
    } else {
        let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        hasher.write_usize(content.len());
        hasher.write(&content);
    }
    Ok(())
}

/// Whether the stamp at `path` says `fingerprint`.
pub(crate) fn is_stamped(path: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|stamp| stamp.trim() == fingerprint)
}

/// Writes the stamp.
///
/// # Errors
/// The file system's.
pub(crate) fn stamp(path: &Path, fingerprint: &str) -> anyhow::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, fingerprint).with_context(|| format!("cannot write {}", path.display()))
}
