//! A message from a client, read as far as it takes to judge it.
//!
//! Everything is a slice of the body: what was judged is what is sent on, and what nobody asks for is not decoded.
//!
//! SECURITY: two readers of one text must not see two messages. A member that decides anything may be written once
//! only, and in no second spelling that a reader who ignores letter case would take for it.

mod error;
mod id;
mod params;

use std::borrow::Cow;

pub use error::{EnvelopeError, EnvelopeFault};
pub use id::{RequestId, RequestIdBuf};
pub use params::{Meta, Params, Reference};

use crate::json::{self, JsonError};
use crate::method::Method;

/// How deep arrays and objects may be nested unless a caller says otherwise.
pub const MAX_DEPTH: usize = 64;

/// A message, by what it is.
#[derive(Debug, Clone)]
pub enum Envelope<'a> {
    /// Wants an answer.
    Request(Request<'a>),
    /// Wants none.
    Notification(Notification<'a>),
    /// Answers a request that the server sent.
    Response(Response<'a>),
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The id, to be echoed as it was written.
    pub id: RequestId<'a>,
    /// The method.
    pub method: Method,
    /// The method's name, also when it is unknown.
    pub method_name: Cow<'a, str>,
    /// What of the params matters here.
    pub params: Params<'a>,
}

/// A notification.
#[derive(Debug, Clone)]
pub struct Notification<'a> {
    /// The method.
    pub method: Method,
    /// The method's name, also when it is unknown.
    pub method_name: Cow<'a, str>,
    /// What of the params matters here.
    pub params: Params<'a>,
}

/// A response; its contents are between the client and the upstream that asked.
#[derive(Debug, Clone)]
pub struct Response<'a> {
    /// The id of the request that is answered; `None` for an error about a request that could not be read.
    pub id: Option<RequestId<'a>>,
    /// The result, raw.
    pub result: Option<&'a str>,
    /// The error, raw.
    pub error: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    /// Reads one message nested at most [`MAX_DEPTH`] deep.
    ///
    /// # Errors
    /// See [`EnvelopeFault`]; each error knows the answer that it deserves.
    pub fn parse(body: &'a [u8]) -> Result<Self, EnvelopeError> {
        Self::parse_with_depth(body, MAX_DEPTH)
    }

    /// Reads one message nested at most `max_depth` deep.
    ///
    /// # Errors
    /// See [`EnvelopeFault`]; each error knows the answer that it deserves.
    pub fn parse_with_depth(body: &'a [u8], max_depth: usize) -> Result<Self, EnvelopeError> {
        let text = json::check(body).map_err(|error| match error {
            JsonError::NotUtf8 => EnvelopeFault::NotUtf8,
            JsonError::Syntax => EnvelopeFault::Syntax,
        })?;
        if json::is_array(text) {
            return Err(EnvelopeFault::Batch.into());
        }
        if !json::is_object(text) {
            return Err(EnvelopeFault::NotAnObject.into());
        }
        let members = Members::read(text, max_depth)?;
        // Once the id is known every error carries it, so that a client can tell which of its requests failed.
        let id = members.id.map(|raw| RequestId::parse(raw).ok_or(EnvelopeFault::BadId)).transpose();
        let known = id.as_ref().ok().copied().flatten();
        let method = members.method;
        members.classify(id).map_err(|fault| {
            let method = method.filter(|_| matches!(fault, EnvelopeFault::BadParams { .. })).and_then(json::string);
            EnvelopeError { method: method.map(|name| Method::parse(&name)), ..EnvelopeError::new(fault, known) }
        })
    }

    /// The method, unless the message is a response.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        match self {
            Self::Request(request) => Some(request.method),
            Self::Notification(notification) => Some(notification.method),
            Self::Response(_) => None,
        }
    }

    /// The params, unless the message is a response.
    #[must_use]
    pub fn params(&self) -> Option<&Params<'a>> {
        match self {
            Self::Request(request) => Some(&request.params),
            Self::Notification(notification) => Some(&notification.params),
            Self::Response(_) => None,
        }
    }

    /// The id that the message carries.
    #[must_use]
    pub fn id(&self) -> Option<RequestId<'a>> {
        match self {
            Self::Request(request) => Some(request.id),
            Self::Notification(_) => None,
            Self::Response(response) => response.id,
        }
    }
}

/// The members of the outermost object, each at most once.
#[derive(Default)]
struct Members<'a> {
    jsonrpc: Option<&'a str>,
    id: Option<&'a str>,
    method: Option<&'a str>,
    params: Option<&'a str>,
    result: Option<&'a str>,
    error: Option<&'a str>,
}

impl<'a> Members<'a> {
    fn read(text: &'a str, max_depth: usize) -> Result<Self, EnvelopeFault> {
        let mut found = Self::default();
        for member in json::members(text) {
            // The message itself is one level.
            if member.depth >= max_depth {
                return Err(EnvelopeFault::TooDeep);
            }
            let key = member.key().ok_or(EnvelopeFault::Syntax)?;
            let slots = [
                ("jsonrpc", &mut found.jsonrpc),
                ("id", &mut found.id),
                ("method", &mut found.method),
                ("params", &mut found.params),
                ("result", &mut found.result),
                ("error", &mut found.error),
            ];
            take_once(&key, member.value, slots)?;
        }
        Ok(found)
    }

    fn classify(self, id: Result<Option<RequestId<'a>>, EnvelopeFault>) -> Result<Envelope<'a>, EnvelopeFault> {
        if self.jsonrpc.and_then(json::string).as_deref() != Some("2.0") {
            return Err(EnvelopeFault::BadVersion);
        }
        let Some(method) = self.method else {
            return self.response(id);
        };
        // A reader that looks for `result` first would take this for a response.
        if self.result.is_some() || self.error.is_some() {
            return Err(EnvelopeFault::Ambiguous { member: "method" });
        }
        let method_name = json::string(method).ok_or(EnvelopeFault::BadMethod)?;
        let method = Method::parse(&method_name);
        let id = id?;
        let params = Params::read(self.params, method)?;
        Ok(match id {
            Some(id) => Envelope::Request(Request { id, method, method_name, params }),
            None => Envelope::Notification(Notification { method, method_name, params }),
        })
    }

    fn response(self, id: Result<Option<RequestId<'a>>, EnvelopeFault>) -> Result<Envelope<'a>, EnvelopeFault> {
        if self.result.is_some() == self.error.is_some() {
            return Err(EnvelopeFault::BadMethod);
        }
        // Only an error may answer a request whose id nobody could read.
        let id = match (id, self.id) {
            (Ok(Some(id)), _) => Some(id),
            (_, None | Some("null")) if self.error.is_some() => None,
            _ => return Err(EnvelopeFault::BadId),
        };
        Ok(Envelope::Response(Response { id, result: self.result, error: self.error }))
    }
}

/// Puts `value` into the slot that is called `key`, if there is one; refuses the second value for a slot, and every key
/// that looks like the name of one.
fn take_once<'a, const N: usize>(
    key: &str,
    value: &'a str,
    slots: [(&'static str, &mut Option<&'a str>); N],
) -> Result<(), EnvelopeFault> {
    let names = slots.each_ref().map(|(name, _)| *name);
    for (member, slot) in slots {
        if key == member {
            return if slot.replace(value).is_none() { Ok(()) } else { Err(EnvelopeFault::Ambiguous { member }) };
        }
    }
    match names.into_iter().find(|name| json::is_variant_of(key, name)) {
        Some(member) => Err(EnvelopeFault::Ambiguous { member }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
