//! The body of an upstream's answer: off the wire, or put together by the gateway on the way.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use hyper::body::Incoming;
use ostiary_egress::{EgressError, TimedBody};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::talks::Running;

/// Where the body comes from. Dropping it gives up what is still to come, and whoever works on it.
#[derive(Debug)]
pub(crate) struct UpstreamBody {
    from: From,
    /// Ends the body when the client cancels its request.
    pub(crate) running: Option<Running>,
}

#[derive(Debug)]
enum From {
    Wire(TimedBody<Incoming>),
    Whole(Option<Bytes>),
    Begun(Option<Bytes>, Box<UpstreamBody>),
    Piped(Piped),
}

/// What a task of the gateway sends.
#[derive(Debug)]
struct Piped {
    pieces: mpsc::Receiver<Result<Bytes, EgressError>>,
    task: AbortHandle,
}

impl Drop for Piped {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The end of a pipe that a task writes to. It waits for the reader: nothing is held that nobody reads.
#[derive(Debug)]
pub(crate) struct Pipe(mpsc::Sender<Result<Bytes, EgressError>>);

impl Pipe {
    /// Sends a piece; false when nobody reads any more.
    pub(crate) async fn send(&self, piece: impl Into<Bytes>) -> bool {
        self.0.send(Ok(piece.into())).await.is_ok()
    }

    /// Breaks the body off.
    pub(crate) async fn fail(&self, error: EgressError) {
        // Nobody may read any more.
        let _ = self.0.send(Err(error)).await;
    }

    /// Sends a message as an event.
    pub(crate) async fn event(&self, message: &[u8]) -> bool {
        let mut event = Vec::new();
        ostiary_mcp::sse::write_event(&mut event, None, Some("message"), message);
        self.send(event).await
    }
}

impl UpstreamBody {
    pub(crate) const fn wire(body: TimedBody<Incoming>) -> Self {
        Self { from: From::Wire(body), running: None }
    }

    pub(crate) fn whole(body: Bytes) -> Self {
        Self { from: From::Whole(Some(body)), running: None }
    }

    /// A body of which `read` was taken already.
    pub(crate) fn begun(read: Bytes, rest: Self) -> Self {
        Self { from: From::Begun(Some(read), Box::new(rest)), running: None }
    }

    /// A body that a task writes. The task ends with the body.
    pub(crate) fn piped<F>(write: impl FnOnce(Pipe) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, pieces) = mpsc::channel(4);
        let task = tokio::spawn(write(Pipe(sender))).abort_handle();
        Self { from: From::Piped(Piped { pieces, task }), running: None }
    }
}

impl HttpBody for UpstreamBody {
    type Data = Bytes;
    type Error = EgressError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, EgressError>>> {
        if self.running.as_mut().is_some_and(|running| running.poll_cancelled(cx).is_ready()) {
            return Poll::Ready(None);
        }
        match &mut self.from {
            From::Wire(body) => Pin::new(body).poll_frame(cx),
            From::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            From::Begun(read, rest) => match read.take() {
                Some(read) => Poll::Ready(Some(Ok(Frame::data(read)))),
                None => Pin::new(rest.as_mut()).poll_frame(cx),
            },
            From::Piped(piped) => piped.pieces.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.from {
            From::Wire(body) => body.is_end_stream(),
            From::Whole(bytes) => bytes.is_none(),
            From::Begun(read, rest) => read.is_none() && rest.is_end_stream(),
            From::Piped(_) => false,
        }
    }
}
