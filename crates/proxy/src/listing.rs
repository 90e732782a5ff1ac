//! Lists as one grant may see them: the policy decides about entries as it decides about calls.

use std::sync::Arc;

use ostiary_mcp::ListKind;
use ostiary_mcp::lists::{self, Entry, Filtered, ListError};
use ostiary_model::Mode;
use ostiary_policy::Program;

use crate::inventory::ServerInventory;
use crate::refusal::Refusal;
use crate::stage::authenticate::Caller;
use crate::state::State;

/// Takes out of lists what a grant may not see.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    view: View,
}

#[derive(Clone, Debug)]
enum View {
    /// The binding is in shadow: calls to everything are forwarded, so everything is listed.
    Everything,
    /// There is no policy, which denies everything.
    Nothing,
    /// What the policy lists.
    Policy { program: Arc<Program>, inventory: Arc<ServerInventory> },
}

impl Listing {
    /// The lists of a caller, as of now.
    ///
    /// # Errors
    ///
    /// 503 when the inventory has to be read and the database does not answer.
    pub(crate) async fn of(state: &State, caller: &Caller) -> Result<Self, Refusal> {
        let Some(program) = caller.endpoint.program(&state.programs).await else {
            return Ok(Self { view: View::Nothing });
        };
        if caller.endpoint.mode == Mode::Shadow {
            return Ok(Self { view: View::Everything });
        }
        let inventory = caller.endpoint.inventory(&state.inventories, caller.grant.epoch).await;
        let inventory = Arc::clone(inventory.map_err(|_| Refusal::unavailable())?);
        Ok(Self { view: View::Policy { program: Arc::clone(program), inventory } })
    }

    fn shows(&self, entry: &Entry<'_>) -> bool {
        match (&self.view, entry.kind) {
            (View::Everything, _) => true,
            (View::Nothing, _) => false,
            (View::Policy { program, inventory }, ListKind::Tools) => {
                program.lists_tool(&entry.key, inventory.get(&entry.key))
            }
            (View::Policy { program, .. }, ListKind::Resources | ListKind::ResourceTemplates) => {
                program.lists_resource(&entry.key)
            }
            (View::Policy { program, .. }, ListKind::Prompts) => program.lists_prompt(&entry.key),
        }
    }

    /// Whether a resource may be seen.
    pub(crate) fn shows_resource(&self, uri: &str) -> bool {
        self.shows(&Entry { kind: ListKind::Resources, key: uri.into(), raw: "" })
    }

    /// A message without the entries that the grant may not see.
    ///
    /// With `expected` the message must answer a request for that list; without, every list that it holds is filtered.
    ///
    /// # Errors
    ///
    /// When it cannot be read: then it must not be passed on.
    pub(crate) fn filter(&self, message: &[u8], expected: Option<ListKind>) -> Result<Filtered, ListError> {
        lists::filter(message, expected, |entry| self.shows(entry))
    }
}
