//! Entries into the catalogue, in batches, and what became of them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use chrono::Utc;
use ostiary_model::catalogue::{CatalogueServer, CatalogueTool};
use ostiary_storage::{Store, Unrecorded};

use super::entry::Entry;

/// Servers, and tools, that are written at once: memory stays the same whatever is imported.
const SERVERS_AT_ONCE: usize = 200;
const TOOLS_AT_ONCE: usize = 2_000;

/// What became of the entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::command::catalogue) struct Report {
    written: u64,
    unchanged: u64,
    removed: u64,
    tools: u64,
    skipped: BTreeMap<&'static str, u64>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, unchanged, removed, tools, skipped } = self;
        write!(f, "servers: {written} written with {tools} tools, {unchanged} unchanged, {removed} removed")?;
        skipped.iter().try_for_each(|(reason, count)| write!(f, "\nskipped: {count} ({reason})"))
    }
}

/// Writes entries as they come.
pub(in crate::command::catalogue) struct Writer {
    store: Arc<dyn Store>,
    pending: Vec<(CatalogueServer, Vec<CatalogueTool>)>,
    pending_tools: usize,
    /// Slugs of servers that are not written yet, with their keys.
    taken: HashMap<String, String>,
    report: Report,
}

impl Writer {
    pub(in crate::command::catalogue) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, pending: Vec::new(), pending_tools: 0, taken: HashMap::new(), report: Report::default() }
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Says that something of a source is not imported, and why.
    pub(super) fn skip(&mut self, what: &str, reason: &'static str) {
        eprintln!("skipped {what}: {reason}");
        *self.report.skipped.entry(reason).or_default() += 1;
    }

    /// Adds a server, or replaces the one of its key where something changed. What the source does not say stays.
    pub(in crate::command::catalogue) async fn put(&mut self, mut entry: Entry) -> anyhow::Result<()> {
        if self.pending.iter().any(|(server, _)| server.key == entry.key) {
            self.flush(None).await?;
        }
        let known = self.store.find_catalogue_server(&entry.key).await?;
        let mut scanned_at = entry.tools.as_ref().map(|_| Utc::now());
        if let Some(known) = &known {
            entry.description = entry.description.or_else(|| known.description.clone());
            entry.version = entry.version.or_else(|| known.version.clone());
            entry.url = entry.url.or_else(|| known.url.clone());
            entry.repository = entry.repository.or_else(|| known.repository.clone());
            if entry.tools.is_none() && known.scanned_at.is_some() {
                let tools = self.store.list_catalogue_tools(&known.slug).await?;
                entry.tools = Some(tools.into_iter().map(|tool| tool.definition).collect());
                scanned_at = known.scanned_at;
            }
        }
        if let Some(tools) = &mut entry.tools {
            tools.sort_by(|a, b| name(a).cmp(name(b)));
        }
        let hash = entry.hash();
        if known.as_ref().is_some_and(|known| known.hash == hash) {
            self.report.unchanged += 1;
            return Ok(());
        }
        let slug = match known {
            Some(known) => known.slug,
            None => self.free_slug(&entry).await?,
        };
        let tools = entry.classified(|what, reason| self.skip(what, reason));
        self.taken.insert(slug.clone(), entry.key.clone());
        self.pending_tools += tools.len();
        let Entry { key, name, description, version, url, repository, .. } = entry;
        let imported_at = Utc::now();
        let server =
            CatalogueServer { slug, key, name, description, version, url, repository, scanned_at, imported_at, hash };
        self.pending.push((server, tools));
        if self.pending.len() >= SERVERS_AT_ONCE || self.pending_tools >= TOOLS_AT_ONCE {
            self.flush(None).await?;
        }
        Ok(())
    }

    /// Removes a server that its registry has removed.
    pub(super) async fn remove(&mut self, key: &str) -> anyhow::Result<()> {
        self.flush(None).await?;
        let mut transaction = self.store.begin().await?;
        if transaction.delete_catalogue_server(key).await? {
            self.report.removed += 1;
        }
        transaction.commit(Unrecorded::NoAccount.into()).await?;
        Ok(())
    }

    async fn free_slug(&self, entry: &Entry) -> anyhow::Result<String> {
        let slug = entry.slug();
        let is_taken = self.taken.contains_key(&slug) || self.store.get_catalogue_server(&slug).await?.is_some();
        Ok(if is_taken { format!("{slug}-{}", entry.suffix()) } else { slug })
    }

    /// Writes what is pending; with `cursor`, also where the source goes on.
    pub(super) async fn flush(&mut self, cursor: Option<(&str, Option<&str>)>) -> anyhow::Result<()> {
        if self.pending.is_empty() && cursor.is_none() {
            return Ok(());
        }
        let mut transaction = self.store.begin().await?;
        for (server, tools) in self.pending.drain(..) {
            transaction.put_catalogue_server(&server, &tools).await?;
            self.report.written += 1;
            self.report.tools += tools.len() as u64;
        }
        if let Some((source, cursor)) = cursor {
            transaction.put_catalogue_cursor(source, cursor).await?;
        }
        transaction.commit(Unrecorded::NoAccount.into()).await?;
        if !self.taken.is_empty() {
            eprintln!("{} servers, {} tools", self.report.written, self.report.tools);
        }
        self.pending_tools = 0;
        self.taken.clear();
        Ok(())
    }

    /// Writes the rest, and tells what became of everything.
    pub(in crate::command::catalogue) async fn finish(mut self) -> anyhow::Result<Report> {
        self.flush(None).await?;
        Ok(self.report)
    }
}

fn name(definition: &serde_json::Value) -> &str {
    definition.get("name").and_then(serde_json::Value::as_str).unwrap_or_default()
}
