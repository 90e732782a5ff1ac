//! Where a message at the account's endpoint came from: one of its servers, whose resources, requests and events have
//! other names here than there.
//!
//! A client gets such names in another form, and what it has to bring back (the id of a request that it is asked, a
//! token, the id of an event) with the place where it belongs sealed into it: whichever replica gets it back finds the
//! server. The id of a session at a server is never shown to a client.

use std::sync::{Arc, Mutex, PoisonError};

use ostiary_mcp::capability::EditError;
use ostiary_mcp::resource_names::ResourceNames;
use ostiary_mcp::said::{self, Said};
use ostiary_mcp::translate::Passed;
use ostiary_mcp::version::Revision;
use serde_json::{Value, json};

use crate::account::standing::Standing;
use crate::seals::{Kind, Seal};
use crate::session::Session;
use crate::stage::authenticate::{Caller, Visitor};
use crate::state::State;

/// The server that a message came from.
#[derive(Debug)]
pub(crate) struct Origin {
    server: Box<str>,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// In answer to a request.
    Answer,
    /// On a subscription that is one of many.
    Subscription,
    /// In a session that the client has there.
    Session(Box<Within>),
}

/// A session at a server that belongs to one of the client's at the account's endpoint.
#[derive(Debug)]
pub(crate) struct Within {
    pub(crate) place: Place,
    questions: Seal,
    events: Seal,
    standing: Arc<Standing>,
    /// Of a standalone stream: its last event.
    last: Option<Arc<Mutex<Option<String>>>>,
}

/// A session at an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) session: Option<String>,
    pub(crate) revision: Revision,
}

impl Place {
    /// The text of it and of something that belongs there.
    fn with(&self, what: &str, is_standalone: bool) -> String {
        json!([self.session, self.revision.as_str(), is_standalone, what]).to_string()
    }

    fn read(text: &str) -> Option<(Self, bool, String)> {
        let (session, revision, is_standalone, what): (Option<String>, String, bool, String) =
            serde_json::from_str(text).ok()?;
        Some((Self { session, revision: Revision::parse(&revision)? }, is_standalone, what))
    }
}

/// Something that a client brought back.
#[derive(Debug)]
pub(crate) struct Returned {
    /// The server it belongs to, as the grant reaches it now.
    pub(crate) caller: Caller,
    pub(crate) place: Place,
    pub(crate) is_standalone: bool,
    /// What the upstream calls it.
    pub(crate) what: String,
}

/// Takes back what was given to a client as a text.
pub(crate) fn returned(
    state: &State,
    visitor: &Visitor,
    session: &Session,
    kind: Kind,
    text: &str,
) -> Option<Returned> {
    let (server, sealed) = text.split_once(':')?;
    let caller = visitor.at(server)?;
    let opened = state.seals.of(&caller, kind, &[&session.text]).open(sealed)?;
    let (place, is_standalone, what) = Place::read(&opened)?;
    Some(Returned { caller, place, is_standalone, what })
}

impl Within {
    pub(crate) fn new(state: &State, caller: &Caller, session: &Session, place: Place) -> Self {
        let about: [&str; 1] = [&session.text];
        Self {
            place,
            questions: state.seals.of(caller, Kind::RequestId, &about),
            events: state.seals.of(caller, Kind::EventId, &about),
            standing: state.standings.of(&session.text),
            last: None,
        }
    }

    /// The same for a stream that no request asked for; `last` is kept at its last event.
    pub(crate) fn standalone(self, last: Arc<Mutex<Option<String>>>) -> Self {
        Self { last: Some(last), ..self }
    }
}

impl Origin {
    pub(crate) fn answer(server: &str) -> Self {
        Self { server: server.into(), way: Way::Answer }
    }

    pub(crate) fn subscription(server: &str) -> Self {
        Self { server: server.into(), way: Way::Subscription }
    }

    pub(crate) fn within(server: &str, within: Within) -> Self {
        Self { server: server.into(), way: Way::Session(Box::new(within)) }
    }

    /// The names of its resources.
    pub(crate) fn resource_names(&self) -> ResourceNames {
        ResourceNames::of(&self.server)
    }

    /// A message under the names of here.
    ///
    /// # Errors
    ///
    /// [`EditError`]; it must then not be passed on.
    pub(crate) fn message(&self, message: &[u8]) -> Result<Passed, EditError> {
        match Said::of(message)? {
            // The subscription of the client is another than that at the server, and does not end with it.
            None if matches!(self.way, Way::Subscription) => Ok(Passed::Dropped),
            None => Ok(self.resource_names().push(message).map_or(Passed::Unchanged, Passed::Rewritten)),
            Some(Said::Updated { uri }) => said::updated_at(message, &self.server, &uri).map(Passed::Rewritten),
            Some(Said::Acknowledged) => Ok(Passed::Dropped),
            Some(Said::Notification) => Ok(Passed::Unchanged),
            Some(Said::Request { id, progress_token }) => {
                let Way::Session(within) = &self.way else { return Ok(Passed::Unchanged) };
                let given = self.given(within, id);
                within.standing.asked(&self.server, id, &given);
                match progress_token {
                    Some(token) => said::with_id_and_token(message, &given, &self.given(within, token)),
                    None => said::with_id(message, &given),
                }
                .map(Passed::Rewritten)
            }
            Some(Said::Cancelled { id }) => {
                let Way::Session(within) = &self.way else { return Ok(Passed::Unchanged) };
                match within.standing.was_asked(&self.server, id) {
                    Some(given) => said::with_request_id(message, &given).map(Passed::Rewritten),
                    // The client was never asked, or nobody knows as what.
                    None => Ok(Passed::Dropped),
                }
            }
        }
    }

    /// What the client is given for an id or token of a request, both raw.
    fn given(&self, within: &Within, raw: &str) -> String {
        let sealed = within.questions.seal(&within.place.with(raw, false));
        Value::String(format!("{}:{sealed}", self.server)).to_string()
    }

    /// What the client is given for the id of an event; none where it cannot come back for the rest.
    pub(crate) fn event_id(&self, id: &str) -> Option<String> {
        let Way::Session(within) = &self.way else { return None };
        if let Some(last) = &within.last {
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
        }
        let sealed = within.events.seal(&within.place.with(id, within.last.is_some()));
        Some(format!("{}:{sealed}", self.server))
    }

    /// Whether its events have ids that the client can come back with.
    pub(crate) const fn is_resumable(&self) -> bool {
        matches!(self.way, Way::Session(_))
    }
}
