//! Readers that do not read.
//!
//! A body is asked for its next piece only when its reader takes one, so a reader that stops would hold the upstream's
//! stream, its connection and a place among the account's calls for as long as it likes: no timer of the body runs
//! while nobody asks it. Here one does.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use ostiary_egress::{EgressError, Phase};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::body::BodyError;

/// A first piece up to this size fits into the buffers between here and the reader, and most answers are one piece: they
/// are not watched.
const SMALL: usize = 16 * 1024;

/// A body that is dropped when its reader does not come back for more.
#[derive(Debug)]
pub(crate) struct Watched<B> {
    shared: Arc<Mutex<Shared<B>>>,
    patience: Duration,
    pieces: u64,
    watcher: Option<AbortHandle>,
}

#[derive(Debug)]
struct Shared<B> {
    /// None once it ended, or was given up.
    body: Option<Pin<Box<B>>>,
    /// When a piece was handed out that was not followed by a question for the next.
    handed_at: Option<Instant>,
}

impl<B> Watched<B>
where
    B: HttpBody<Data = Bytes, Error = BodyError> + Send + 'static,
{
    pub(crate) fn new(body: B, patience: Duration) -> Self {
        let shared = Shared { body: Some(Box::pin(body)), handed_at: None };
        Self { shared: Arc::new(Mutex::new(shared)), patience, pieces: 0, watcher: None }
    }

    fn watch(&mut self) {
        let (shared, patience) = (Arc::clone(&self.shared), self.patience);
        let watching = tokio::spawn(async move {
            loop {
                tokio::time::sleep(patience / 2).await;
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                if shared.handed_at.is_some_and(|handed| handed.elapsed() >= patience) {
                    tracing::info!("a reader does not read, and its stream is given up");
                    shared.body = None;
                }
                if shared.body.is_none() {
                    return;
                }
            }
        });
        self.watcher = Some(watching.abort_handle());
    }
}

impl<B> Drop for Watched<B> {
    fn drop(&mut self) {
        if let Some(watcher) = &self.watcher {
            watcher.abort();
        }
    }
}

impl<B> HttpBody for Watched<B>
where
    B: HttpBody<Data = Bytes, Error = BodyError> + Send + 'static,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let mut shared = this.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.handed_at = None;
        let Some(body) = &mut shared.body else {
            return Poll::Ready(Some(Err(BodyError(EgressError::Timeout(Phase::Idle)))));
        };
        let polled = body.as_mut().poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            shared.handed_at = Some(Instant::now());
            this.pieces = this.pieces.saturating_add(1);
            let is_large = frame.data_ref().is_some_and(|data| data.len() > SMALL);
            let is_worth_it = this.watcher.is_none() && (is_large || this.pieces > 1);
            drop(shared);
            if is_worth_it {
                this.watch();
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.body.as_ref().is_some_and(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.body.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use http_body_util::BodyExt;

    use super::*;

    /// A body without end that says when it is dropped.
    struct Endless(Arc<AtomicBool>);

    impl Drop for Endless {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    impl HttpBody for Endless {
        type Data = Bytes;
        type Error = BodyError;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn body_whose_reader_stops_is_dropped_and_then_fails() {
        let is_dropped = Arc::new(AtomicBool::new(false));
        let mut body = Watched::new(Endless(Arc::clone(&is_dropped)), Duration::from_secs(10));
        for _ in 0..5 {
            assert!(body.frame().await.expect("a piece").is_ok());
            tokio::time::sleep(Duration::from_secs(9)).await;
        }
        assert!(!is_dropped.load(Ordering::SeqCst), "slow is not stopped");
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert!(is_dropped.load(Ordering::SeqCst));
        assert!(body.frame().await.expect("an end").is_err());
    }
}
