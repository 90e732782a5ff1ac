//! Lists as one grant may see them: the policy decides about entries as it decides about calls.

use std::sync::Arc;

use ostiary_mcp::ListKind;
use ostiary_mcp::lists::{self, Entry, Filtered, ListError};
use ostiary_model::{Mode, Server};
use ostiary_policy::Program;
use serde_json::Value;

use crate::inventory::ServerInventory;
use crate::observation::Observations;
use crate::refusal::Refusal;
use crate::sight::Sight;
use crate::stage::authenticate::Caller;
use crate::state::State;

/// Takes out of lists what a grant may not see.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    view: View,
    /// What is known of the server's tools.
    inventory: Arc<ServerInventory>,
    server: Arc<Server>,
    observations: Arc<Observations>,
}

#[derive(Clone, Debug)]
enum View {
    /// The binding is in shadow: calls to everything are forwarded, so everything is listed.
    Everything,
    /// There is no policy, which denies everything.
    Nothing,
    /// What the policy lists.
    Policy { program: Arc<Program> },
}

impl Listing {
    /// The lists of a caller, as of now.
    ///
    /// # Errors
    ///
    /// 503 when the inventory cannot be read.
    pub(crate) async fn of(state: &State, caller: &Caller) -> Result<Self, Refusal> {
        let inventory = caller.endpoint.inventory(&state.inventories, caller.grant.epoch).await;
        let inventory = Arc::clone(inventory?);
        let view = match caller.endpoint.program(&state.programs).await {
            None => View::Nothing,
            Some(_) if caller.endpoint.mode == Mode::Shadow => View::Everything,
            Some(program) => View::Policy { program: Arc::clone(program) },
        };
        let (server, observations) = (&caller.endpoint.server, &state.inventories.observations);
        Ok(Self { view, inventory, server: Arc::clone(server), observations: Arc::clone(observations) })
    }

    /// What the server offers, as far as it is known, whoever sees it.
    pub(crate) fn offered(&self) -> Sight {
        Sight::offered(&self.inventory)
    }

    fn shows(&self, entry: &Entry<'_>) -> bool {
        match (&self.view, entry.kind) {
            (View::Everything, _) => true,
            (View::Nothing, _) => false,
            (View::Policy { program }, ListKind::Tools) => {
                program.lists_tool(&entry.key, self.inventory.get(&entry.key))
            }
            (View::Policy { program }, ListKind::Resources | ListKind::ResourceTemplates) => {
                program.lists_resource(&entry.key)
            }
            (View::Policy { program }, ListKind::Prompts) => program.lists_prompt(&entry.key),
        }
    }

    /// Whether a tool may be seen.
    pub(crate) fn shows_tool(&self, name: &str) -> bool {
        self.shows(&Entry { kind: ListKind::Tools, key: name.into(), raw: "" })
    }

    /// Whether an entry of a list may be seen.
    pub(crate) fn shows_entry(&self, kind: ListKind, key: &str) -> bool {
        self.shows(&Entry { kind, key: key.into(), raw: "" })
    }

    /// Whether a resource may be seen.
    pub(crate) fn shows_resource(&self, uri: &str) -> bool {
        self.shows(&Entry { kind: ListKind::Resources, key: uri.into(), raw: "" })
    }

    /// A message without the entries that the grant may not see.
    ///
    /// Tools that are not as they are known are noted on the way.
    ///
    /// With `expected` the message must answer a request for that list; without, every list that it holds is filtered.
    ///
    /// # Errors
    ///
    /// When it cannot be read: then it must not be passed on.
    pub(crate) fn filter(&self, message: &[u8], expected: Option<ListKind>) -> Result<Filtered, ListError> {
        let mut news = Vec::new();
        let filtered = lists::filter(message, expected, |entry| {
            news.extend(self.news(entry));
            self.shows(entry)
        })?;
        if !news.is_empty() {
            self.observations.note(&self.server, news);
        } else if filtered == Filtered::Unchanged && is_list_changed(message) {
            self.observations.list_changed(&self.server);
        }
        Ok(filtered)
    }

    /// The definition of a tool that is not as it is known.
    fn news(&self, entry: &Entry<'_>) -> Option<Value> {
        let definition = match entry.kind {
            ListKind::Tools => serde_json::from_str::<Value>(entry.raw).ok()?,
            _ => return None,
        };
        (!self.inventory.has(&entry.key, &definition)).then_some(definition)
    }
}

/// Whether a message is the notification that the server has other tools, resources or prompts.
fn is_list_changed(message: &[u8]) -> bool {
    const METHODS: [&str; 3] = [
        "notifications/tools/list_changed",
        "notifications/resources/list_changed",
        "notifications/prompts/list_changed",
    ];
    const WORD: &[u8] = b"/list_changed";
    // Few messages have the word at all; only those are read again.
    message.windows(WORD.len()).any(|window| window == WORD)
        && serde_json::from_slice::<Value>(message).is_ok_and(|message| {
            message.get("method").and_then(Value::as_str).is_some_and(|method| METHODS.contains(&method))
        })
}
