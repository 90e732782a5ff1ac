//! Inventories of servers as the policy sees them, and their refreshing when a call names a tool that is not there.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use async_trait::async_trait;
use moka::future::Cache;
use ostiary_mcp::ListKind;
use ostiary_mcp::canonical::tool_fingerprint;
use ostiary_mcp::modern::ParamHeaders;
use ostiary_model::server::OnToolChange;
use ostiary_model::{AccountId, EntryKind, InventoryEntry, Server, ServerId, Tool};
use ostiary_policy::{InputSchema, Metadata, ToolFacts};
use ostiary_storage::{StorageError, Store};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::observation::Observations;
use crate::refusal::Refusal;

/// Servers of which it is remembered when they were last refreshed.
const REFRESHED: u64 = 10_000;
/// A server's inventory is read anew at most this often for calls to tools it does not have.
const REFRESH_EVERY_MS: i64 = 60_000;

/// Why an inventory could not be read anew. For the log: without secrets.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RefreshError(pub String);

/// Reads a server's inventory anew from its upstream, stores it, and moves the account's epoch.
#[async_trait]
pub trait InventoryRefresher: Debug + Send + Sync {
    /// Refreshes one server. Called single flight, and at most once a minute for a server.
    async fn refresh(&self, account_id: AccountId, server_id: ServerId) -> Result<(), RefreshError>;

    /// Stores what a list that passed says of a server's tools, where it is not what is stored, and moves the account's
    /// epoch. `server` is the one that was asked, as it was then.
    async fn observe(&self, server: &Server, definitions: &[Value]) -> Result<(), RefreshError>;
}

/// What the policy may know of a server's tools, by name.
#[derive(Debug)]
pub(crate) struct ServerInventory {
    tools: HashMap<Box<str>, Known>,
    /// Of the few tools that have arguments repeated in headers.
    params: HashMap<Box<str>, ParamHeaders>,
    /// What each tool is defined as, as one number.
    shapes: HashMap<Box<str>, u64>,
    /// The same of what is no tool.
    entries: Vec<Entry>,
    /// About what it takes in memory.
    bytes: u32,
}

/// A resource, a template of resources, or a prompt.
#[derive(Debug)]
struct Entry {
    kind: ListKind,
    key: Box<str>,
    shape: u64,
}

/// A tool.
#[derive(Debug)]
struct Known {
    facts: ToolFacts,
    fingerprint: [u8; 32],
}

impl ServerInventory {
    fn new(tools: Vec<Tool>, entries: Vec<InventoryEntry>, on_tool_change: OnToolChange) -> Self {
        let params = tools.iter().filter_map(|tool| {
            let params = ParamHeaders::of(tool.definition.get("inputSchema")?);
            (!params.is_empty()).then(|| (tool.name.clone().into(), params))
        });
        let params = params.collect();
        let shapes = tools.iter().map(|tool| (tool.name.clone().into(), shape(&tool.definition))).collect();
        let entries = entries.into_iter().map(|entry| {
            let kind = match entry.kind {
                EntryKind::Resource => ListKind::Resources,
                EntryKind::ResourceTemplate => ListKind::ResourceTemplates,
                EntryKind::Prompt => ListKind::Prompts,
            };
            Entry { kind, shape: shape(&entry.definition), key: entry.key.into() }
        });
        let entries: Vec<Entry> = entries.collect();
        let facts = |tool: Tool| {
            let known = Known { facts: facts(&tool, on_tool_change), fingerprint: tool.fingerprint };
            (tool.name.into(), known)
        };
        // A schema is kept as text, and compiled when it is first needed.
        let bytes = |tool: &Tool| {
            let schema = tool.definition.get("inputSchema").map_or(0, |schema| schema.to_string().len());
            1_024 + 4 * schema
        };
        let of_entries = entries.iter().map(|entry| 64 + entry.key.len()).sum::<usize>();
        let bytes = u32::try_from(512 + of_entries + tools.iter().map(bytes).sum::<usize>()).unwrap_or(u32::MAX);
        Self { tools: tools.into_iter().map(facts).collect(), params, shapes, entries, bytes }
    }

    /// What the tools are called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.keys().map(AsRef::as_ref)
    }

    /// What each tool is defined as, by name, as one number: another definition is most probably another number.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = (&str, u64)> {
        self.shapes.iter().map(|(name, shape)| (name.as_ref(), *shape))
    }

    /// What each resource, template and prompt is defined as, by list and key, as one number.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (ListKind, &str, u64)> {
        self.entries.iter().map(|entry| (entry.kind, entry.key.as_ref(), entry.shape))
    }

    /// The headers that repeat arguments of a tool; none for most.
    pub(crate) fn param_headers(&self, name: &str) -> Option<&ParamHeaders> {
        self.params.get(name)
    }

    /// The tool's facts; none when the server did not offer it when it was last read.
    pub(crate) fn get(&self, name: &str) -> Option<&ToolFacts> {
        self.tools.get(name).map(|known| &known.facts)
    }

    /// Whether a definition in a list is the one that is known.
    pub(crate) fn has(&self, name: &str, definition: &Value) -> bool {
        self.tools.get(name).is_some_and(|known| known.fingerprint == tool_fingerprint(definition))
    }
}

fn shape(definition: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    definition.to_string().hash(&mut hasher);
    hasher.finish()
}

fn facts(tool: &Tool, on_tool_change: OnToolChange) -> ToolFacts {
    let member = |name| tool.definition.get(name);
    // The two crates share the words and not the types; a word that only one of them knows is a defect that the
    // conversion test catches, and would be the category nothing is known of.
    let mut facts = ToolFacts::new(tool.category().as_str().parse().unwrap_or(ostiary_policy::Category::Other));
    facts.risk = tool.risk().as_str().parse().ok();
    facts.annotations = member("annotations")
        .and_then(|annotations| Metadata::parse(&annotations.to_string()).ok())
        .unwrap_or_else(Metadata::empty);
    facts.input_schema = member("inputSchema").map(|schema| InputSchema::new(schema.to_string()));
    facts.is_quarantined = !tool.is_accepted() && on_tool_change == OnToolChange::Quarantine;
    facts
}

/// Why there is no inventory. It is shared by all that waited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InventoryError {
    /// The server was deleted since the grant was read.
    #[error("the server is gone")]
    Gone,
    /// The database does not answer.
    #[error("the inventory cannot be read")]
    Unavailable,
}

impl InventoryError {
    fn of(server: &Server, error: &StorageError) -> Self {
        tracing::error!(server.id = %server.id, error = error as &dyn std::error::Error, "the inventory cannot be read");
        Self::Unavailable
    }
}

impl From<InventoryError> for Refusal {
    fn from(error: InventoryError) -> Self {
        match error {
            InventoryError::Gone => Self::not_found(),
            InventoryError::Unavailable => Self::unavailable(),
        }
    }
}

/// When a server was last refreshed on account of a call, in ms; locked while it is.
type Gate = Arc<Mutex<Option<i64>>>;

/// All inventories that were asked for lately.
#[derive(Debug)]
pub(crate) struct Inventories {
    store: Arc<dyn Store>,
    refresher: Arc<dyn InventoryRefresher>,
    pub(crate) observations: Arc<Observations>,
    /// By the account's epoch, too, so that an outdated one is not found again and falls out.
    read: Cache<(ServerId, u64), Arc<ServerInventory>>,
    refreshed: Cache<ServerId, Gate>,
}

impl Inventories {
    /// Keeps inventories of about so many bytes.
    pub(crate) fn new(store: Arc<dyn Store>, refresher: Arc<dyn InventoryRefresher>, bytes: u64) -> Self {
        let observations = Observations::new(Arc::clone(&refresher));
        let weigher = |_: &(ServerId, u64), inventory: &Arc<ServerInventory>| inventory.bytes;
        let read = Cache::builder().max_capacity(bytes).weigher(weigher).build();
        Self { store, refresher, observations, read, refreshed: Cache::new(REFRESHED) }
    }

    /// The server's inventory as of the account's epoch `epoch` or later.
    pub(crate) async fn get(&self, server: &Server, epoch: u64) -> Result<Arc<ServerInventory>, InventoryError> {
        let read = async {
            let tools = self.store.list_all_tools(server.account_id, server.id).await?;
            // The server was read before its tools, which go with it. One that has tools was there when they were read,
            // and so was one that is there afterwards: no other ever gets its id.
            if tools.is_empty() && self.store.get_server(server.account_id, server.id).await?.is_none() {
                return Ok(None);
            }
            let entries = self.store.list_all_entries(server.account_id, server.id).await?;
            Ok::<_, StorageError>(Some(Arc::new(ServerInventory::new(tools, entries, server.on_tool_change))))
        };
        let read =
            async { read.await.map_err(|error| InventoryError::of(server, &error))?.ok_or(InventoryError::Gone) };
        self.read.try_get_with((server.id, epoch), read).await.map_err(|error| *error)
    }

    /// Reads the inventory anew from the upstream, unless that happened within the last minute; calls that come while it
    /// is being read wait for the same reading. Answers whether there may be something new since the caller asked.
    pub(crate) async fn refresh(&self, server: &Server, now_ms: i64) -> bool {
        let gate = self.refreshed.get_with(server.id, async { Arc::default() }).await;
        let Ok(mut last_ms) = Arc::clone(&gate).try_lock_owned() else {
            // Somebody is reading it: what comes of that is newer than this call.
            let _finished = gate.lock().await;
            return true;
        };
        if last_ms.is_some_and(|last_ms| now_ms.saturating_sub(last_ms) < REFRESH_EVERY_MS) {
            return false;
        }
        *last_ms = Some(now_ms);
        let (refresher, account_id, server_id) = (Arc::clone(&self.refresher), server.account_id, server.id);
        // A task of its own: a client that leaves must not end what others wait for, and have nobody try for a minute.
        let reading = tokio::spawn(async move {
            let refreshed = refresher.refresh(account_id, server_id).await;
            drop(last_ms);
            refreshed
        });
        match reading.await.unwrap_or_else(|error| Err(RefreshError(error.to_string()))) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(server.id = %server.id, %error, "the inventory could not be refreshed");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {

    #[test]
    fn words_of_the_model_are_words_of_the_policy() {
        for category in ostiary_model::tool::Category::ALL {
            assert!(category.as_str().parse::<ostiary_policy::Category>().is_ok(), "{category}");
        }
        for risk in ostiary_model::tool::Risk::ALL {
            assert!(risk.as_str().parse::<ostiary_policy::Risk>().is_ok(), "{risk}");
        }
    }
}
