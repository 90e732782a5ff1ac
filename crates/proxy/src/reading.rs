//! How the messages that come down in answer to one request are read: in the words of the client's era, with sealed
//! texts where something is given to the client to bring back.

use std::borrow::Cow;

use bytes::Bytes;
use ostiary_mcp::round;
use ostiary_mcp::sse::Frame;
use ostiary_mcp::translate::{Down, Passed};

use crate::origin::Origin;
use crate::pool::Duty;
use crate::refusal::Refusal;
use crate::seals::Seal;
use crate::talks::UnderWay;

/// What is done to messages on their way down. By default they pass as they came.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// How they are put for the client.
    pub(crate) down: Option<Down>,
    /// What the upstream gives the client to bring back is sealed with it.
    pub(crate) state: Option<Seal>,
    /// What becomes of the ids of events.
    pub(crate) ids: EventIds,
    /// Where they come from, at the account's endpoint.
    pub(crate) origin: Option<Origin>,
    /// What the upstream is owed when the client leaves.
    pub(crate) duty: Option<Duty>,
    /// What has the upstream told when the client cancels.
    pub(crate) under_way: Option<UnderWay>,
}

/// What becomes of the ids of events.
#[derive(Debug, Default)]
pub(crate) enum EventIds {
    /// They are left out: the client's era has no resumption.
    #[default]
    Dropped,
    /// They are sealed, to be opened when the client resumes the stream.
    Sealed(Seal),
}

impl Reading {
    /// A message as the client gets it; none when it is not for it.
    ///
    /// # Errors
    ///
    /// When it cannot be read: then it must not be passed on.
    pub(crate) fn message<'a>(&self, message: &'a [u8]) -> Result<Option<Cow<'a, [u8]>>, Refusal> {
        let mut out = Cow::Borrowed(message);
        if let Some(down) = &self.down {
            match down.message(&out).map_err(|error| unreadable(&error))? {
                Passed::Unchanged => {}
                Passed::Rewritten(message) => out = Cow::Owned(message),
                Passed::Dropped => return Ok(None),
                Passed::Refused(answer) => {
                    if let Some(duty) = &self.duty {
                        duty.reply(answer);
                    }
                    return Ok(None);
                }
            }
        }
        if let Some(seal) = self.state.as_ref().filter(|_| may_ask(&out)) {
            let wrapped = round::wrap_state(&out, |state| seal.seal(state)).map_err(|error| unreadable(&error))?;
            if let Some(wrapped) = wrapped {
                out = Cow::Owned(wrapped);
            }
        }
        if let Some(origin) = &self.origin {
            match origin.message(&out).map_err(|error| unreadable(&error))? {
                Passed::Rewritten(named) => out = Cow::Owned(named),
                Passed::Unchanged => {}
                Passed::Dropped | Passed::Refused(_) => return Ok(None),
            }
        }
        Ok(Some(out))
    }

    /// An event without a message: a comment, or one that opens a stream to be resumed; none when it is not for the
    /// client.
    pub(crate) fn bare_event(&self, frame: &Frame) -> Option<Bytes> {
        if frame.data.is_some() && !self.is_resumable() {
            return None;
        }
        Some(self.event(frame, None))
    }

    /// Whether the client can come back for the rest of a stream.
    pub(crate) fn is_resumable(&self) -> bool {
        matches!(self.ids, EventIds::Sealed(_)) || self.origin.as_ref().is_some_and(Origin::is_resumable)
    }

    /// Whether messages may become others, so that they have to be read whole.
    pub(crate) const fn edits(&self) -> bool {
        self.down.is_some() || self.state.is_some()
    }

    /// The request is answered.
    pub(crate) fn answered(&mut self) {
        if let Some(duty) = &mut self.duty {
            duty.done();
        }
        self.under_way = None;
    }

    /// The id, raw, with which the request of a client went up; none where it is the client's own.
    pub(crate) fn id(&self) -> Option<&str> {
        self.duty.as_ref().map(Duty::raw_id)
    }

    /// An event with a message; `message` is none where it goes on as it came.
    pub(crate) fn event(&self, frame: &Frame, message: Option<&[u8]>) -> Bytes {
        match (self.given(frame), message) {
            (Given::Same, None) => frame.raw.clone(),
            (Given::Same, Some(message)) => frame.with_data(message),
            (Given::Other(id), message) => frame.with(Some(id.as_bytes()), message),
            (Given::Nothing, message) => Frame { id: None, retry_ms: None, ..frame.clone() }.with(None, message),
        }
    }

    /// The fields of an event, its data apart, as the client gets them.
    pub(crate) fn fields(&self, frame: Frame) -> Frame {
        match self.given(&frame) {
            Given::Same => frame,
            Given::Other(id) => Frame { id: Some(id.into()), ..frame },
            Given::Nothing => Frame { id: None, retry_ms: None, ..frame },
        }
    }

    /// What the client gets in place of an event's id.
    fn given(&self, frame: &Frame) -> Given {
        let Some(id) = frame.id.as_deref() else { return Given::Same };
        let given = self.origin.as_ref().filter(|_| !id.is_empty());
        if let Some(given) = given.and_then(|origin| origin.event_id(&String::from_utf8_lossy(id))) {
            return Given::Other(given);
        }
        match &self.ids {
            // An empty id takes back the ones before.
            EventIds::Sealed(seal) if !id.is_empty() => Given::Other(seal.seal(&String::from_utf8_lossy(id))),
            EventIds::Sealed(_) => Given::Same,
            EventIds::Dropped => Given::Nothing,
        }
    }
}

/// What becomes of an event's id.
enum Given {
    /// It stays, if there is one.
    Same,
    /// Another is given.
    Other(String),
    /// None is given, nor how long to wait before coming back with it.
    Nothing,
}

/// Whether a message may be one that asks for input. One that hides it asks in vain: what it gives to bring back does
/// not open.
fn may_ask(message: &[u8]) -> bool {
    std::str::from_utf8(message).is_ok_and(|text| text.contains("input_required"))
}

fn unreadable(error: &ostiary_mcp::capability::EditError) -> Refusal {
    tracing::warn!(%error, "an upstream's message cannot be passed on");
    Refusal::upstream_invalid()
}
