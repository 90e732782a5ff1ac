//! Why a message was refused, and the answer that it gets.

use super::id::{RequestId, RequestIdBuf};
use crate::error::{RpcError, codes};
use crate::method::Method;

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeFault {
    /// The body is not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// The body is not one JSON value.
    #[error("the body is not JSON")]
    Syntax,
    /// Arrays and objects are nested deeper than allowed.
    #[error("the body is nested too deep")]
    TooDeep,
    /// The body is an array; no revision that is offered has batches.
    #[error("batches are not accepted; send one message a request")]
    Batch,
    /// The body is JSON but no object.
    #[error("the body is not a message")]
    NotAnObject,
    /// `jsonrpc` is missing or not "2.0".
    #[error("`jsonrpc` must be \"2.0\"")]
    BadVersion,
    /// The id is neither string nor integer, or is missing where it must stand.
    #[error("`id` must be a string or an integer")]
    BadId,
    /// The message is no request, notification or response.
    #[error("the message has neither a method nor exactly one of result and error")]
    BadMethod,
    /// A member stands there twice, or in a second spelling that some readers take for it.
    #[error("`{member}` is ambiguous")]
    Ambiguous {
        /// The member.
        member: &'static str,
    },
    /// A member of the params is missing where the method needs it, or is of the wrong kind.
    #[error("`{member}` is missing or of the wrong type")]
    BadParams {
        /// The member.
        member: &'static str,
    },
}

impl EnvelopeFault {
    /// A stable name for counters and logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::Syntax => "not_json",
            Self::TooDeep => "too_deep",
            Self::Batch => "batch",
            Self::NotAnObject => "not_a_message",
            Self::BadVersion => "bad_jsonrpc",
            Self::BadId => "bad_id",
            Self::BadMethod => "bad_method",
            Self::Ambiguous { .. } => "ambiguous_member",
            Self::BadParams { .. } => "bad_params",
        }
    }

    fn rpc_code(self) -> i64 {
        match self {
            Self::NotUtf8 | Self::Syntax => codes::PARSE,
            Self::BadParams { .. } => codes::INVALID_PARAMS,
            _ => codes::INVALID_REQUEST,
        }
    }
}

/// A refused message, with the id of the request where it could be read. Goes with HTTP status 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct EnvelopeError {
    /// What is wrong.
    pub fault: EnvelopeFault,
    /// The id, for the answer.
    pub id: Option<RequestIdBuf>,
    /// The method, where only its params are at fault.
    pub method: Option<Method>,
}

impl EnvelopeError {
    pub(super) fn new(fault: EnvelopeFault, id: Option<RequestId<'_>>) -> Self {
        Self { fault, id: id.map(RequestId::to_owned), method: None }
    }

    /// A stable name for counters and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.fault.code()
    }

    /// The JSON-RPC error for the client.
    #[must_use]
    pub fn to_rpc(&self) -> RpcError {
        RpcError::new(self.fault.rpc_code(), self.fault.to_string())
    }

    /// The whole answer.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        self.to_rpc().body(self.id.as_ref().map(RequestIdBuf::as_ref))
    }
}

impl From<EnvelopeFault> for EnvelopeError {
    fn from(fault: EnvelopeFault) -> Self {
        Self { fault, id: None, method: None }
    }
}
