//! What a grant sees of lists, in short: so that it is noticed when that changes, and told.

use std::hash::{DefaultHasher, Hasher as _};

use ostiary_mcp::ListKind;
use ostiary_mcp::subscription::Change;
use ostiary_model::server::InventoryState;
use ostiary_model::{EntryKind, Server};
use serde_json::Value;

use crate::inventory::ServerInventory;
use crate::listing::Listing;
use crate::refusal::Refusal;
use crate::stage::authenticate::Caller;
use crate::state::State;

/// The lists of a caller as they stand, each as one number. Numbers of other processes mean nothing here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    tools: u64,
    prompts: u64,
    resources: u64,
}

impl Sight {
    /// What a caller sees now: names and definitions, as far as the policy shows them; of prompts and resources that were
    /// never read, what the policy says of them.
    ///
    /// # Errors
    ///
    /// 503 when the inventory has to be read and the database does not answer.
    pub(crate) async fn of(state: &State, caller: &Caller, listing: &Listing) -> Result<Self, Refusal> {
        let inventory = caller.endpoint.inventory(&state.inventories, caller.grant.epoch).await;
        let inventory = inventory?;
        // Whatever order they are kept in.
        let shown = inventory.shapes().filter(|(name, _)| listing.shows_tool(name));
        let tools = shown.map(|tool| number(&tool)).fold(0, u64::wrapping_add);
        let document = caller.endpoint.policy.as_ref().and_then(|policy| serde_json::from_str(&policy.document).ok());
        let document: Value = document.unwrap_or_default();
        let said = |list: &str| {
            let member = |name: &str| document.get(name).map(Value::to_string);
            number(&(caller.endpoint.policy.is_some(), caller.endpoint.mode as u8, member("default"), member(list)))
        };
        // A list that was not asked for, of a server that was read, is one that it does not have.
        let Server { inventory: InventoryState { lists, .. }, identity, .. } = &*caller.endpoint.server;
        let is_read = |kind| lists.get(&kind).map_or(identity.capabilities.is_some(), |list| list.read_at.is_some());
        let seen = |kinds: &[ListKind]| {
            let shown = inventory.entries();
            let shown = shown.filter(|(kind, key, _)| kinds.contains(kind) && listing.shows_entry(*kind, key));
            shown.map(|(kind, key, shape)| number(&(kind, key, shape))).fold(0, u64::wrapping_add)
        };
        let prompts = if is_read(EntryKind::Prompt) { seen(&[ListKind::Prompts]) } else { said("prompts") };
        let resources = if is_read(EntryKind::Resource) {
            seen(&[ListKind::Resources, ListKind::ResourceTemplates])
        } else {
            said("resources")
        };
        Ok(Self { tools, prompts, resources })
    }

    /// What a server offers, as far as it is known, whoever sees it.
    pub(crate) fn offered(inventory: &ServerInventory) -> Self {
        let of = |kinds: &[ListKind]| {
            let entries = inventory.entries().filter(|(kind, ..)| kinds.contains(kind));
            entries.map(|entry| number(&entry)).fold(0, u64::wrapping_add)
        };
        Self {
            tools: inventory.shapes().map(|tool| number(&tool)).fold(0, u64::wrapping_add),
            prompts: of(&[ListKind::Prompts]),
            resources: of(&[ListKind::Resources, ListKind::ResourceTemplates]),
        }
    }

    /// Takes one of the lists over from another look; answers whether it is another than it was.
    pub(crate) fn follow(&mut self, now: &Self, change: Change) -> bool {
        let (list, now) = match change {
            Change::Tools => (&mut self.tools, now.tools),
            Change::Prompts => (&mut self.prompts, now.prompts),
            Change::Resources => (&mut self.resources, now.resources),
        };
        std::mem::replace(list, now) != now
    }

    /// What is seen at several servers together; `server` tells them apart.
    pub(crate) fn with(self, server: &str, other: &Self) -> Self {
        let of = |number_of: u64| number(&(server, number_of));
        Self {
            tools: self.tools.wrapping_add(of(other.tools)),
            prompts: self.prompts.wrapping_add(of(other.prompts)),
            resources: self.resources.wrapping_add(of(other.resources)),
        }
    }

    /// The lists that are others than they were.
    pub(crate) fn changed_since(&self, before: &Self) -> Vec<ListKind> {
        let mut changed = Vec::new();
        for (now, before, kind) in [
            (self.tools, before.tools, ListKind::Tools),
            (self.prompts, before.prompts, ListKind::Prompts),
            (self.resources, before.resources, ListKind::Resources),
        ] {
            if now != before {
                changed.push(kind);
            }
        }
        changed
    }
}

fn number(of: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sight_of_several_servers_does_not_depend_on_their_order() {
        let (pay, files) = (Sight { tools: 1, ..Sight::default() }, Sight { tools: 2, ..Sight::default() });
        let one = Sight::default().with("pay", &pay).with("files", &files);
        assert_eq!(one, Sight::default().with("files", &files).with("pay", &pay));
        let swapped = Sight::default().with("pay", &files).with("files", &pay);
        assert_eq!(swapped.changed_since(&one), [ListKind::Tools]);
        assert!(one.changed_since(&one.clone()).is_empty());
    }
}
