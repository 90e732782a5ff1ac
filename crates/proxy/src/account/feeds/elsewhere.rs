//! What other processes do in the session of a client whose stream is here: they open sessions at servers, whose streams
//! are then listened to here, and end it.

use std::sync::Arc;
use std::time::Duration;

use crate::account::standing::is_ended;
use crate::session::Session;
use crate::stage::authenticate::{Caller, Visitor};
use crate::state::State;

/// How often it is looked, for each stream.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks for as long as the stream is open.
pub(super) async fn look_out(state: Arc<State>, visitor: Visitor, session: Session) {
    let callers: Vec<Caller> = visitor.callers().collect();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if is_ended(&state, visitor.account_id(), &session.text).await {
            return;
        }
        // When nobody can say, it is looked again.
        let open = state.shared.servers(&callers, &session.text).await.unwrap_or_default();
        let standing = state.standings.of(&session.text);
        for server in open {
            standing.opened_at(server);
        }
    }
}
