//! The bodies of our answers.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::stall::Watched;

/// An answer broke off after it had begun; the connection has to be cut, so that the client does not take it for whole.
#[derive(Debug, thiserror::Error)]
#[error("the upstream's answer broke off")]
pub struct BodyError(#[source] pub(crate) ostiary_egress::EgressError);

/// The body of an answer of the gateway.
pub struct Body(Kind);

enum Kind {
    Full(Option<Bytes>),
    Relayed(Pin<Box<dyn HttpBody<Data = Bytes, Error = BodyError> + Send>>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Full(bytes) => f.debug_tuple("Full").field(&bytes.as_ref().map_or(0, Bytes::len)).finish(),
            Kind::Relayed(_) => f.write_str("Relayed"),
        }
    }
}

impl Body {
    pub(crate) fn empty() -> Self {
        Self(Kind::Full(None))
    }

    pub(crate) fn full(bytes: Bytes) -> Self {
        Self(Kind::Full(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }

    /// A body that comes piece by piece, and is given up when its reader leaves a piece unread for `patience`.
    pub(crate) fn relayed(
        body: impl HttpBody<Data = Bytes, Error = BodyError> + Send + 'static,
        patience: Duration,
    ) -> Self {
        Self(Kind::Relayed(Box::pin(Watched::new(body, patience))))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Relayed(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(bytes) => bytes.is_none(),
            Kind::Relayed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Kind::Relayed(body) => body.size_hint(),
        }
    }
}
