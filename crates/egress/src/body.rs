//! Bodies that end in time and within bounds.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::error::{EgressError, Phase};

/// A body that fails when its next part takes too long, or the whole of it does.
pub struct TimedBody<B> {
    inner: B,
    idle: Duration,
    deadline: Option<Instant>,
    // Timers are made when the body first lets us wait: most answers are there at once.
    idle_timer: Option<Pin<Box<Sleep>>>,
    deadline_timer: Option<Pin<Box<Sleep>>>,
}

impl<B> TimedBody<B> {
    /// Allows `idle` between two parts, and nothing after `deadline`.
    #[must_use]
    pub fn new(inner: B, idle: Duration, deadline: Option<Instant>) -> Self {
        Self { inner, idle, deadline, idle_timer: None, deadline_timer: None }
    }

    fn poll_timers(&mut self, cx: &mut Context<'_>) -> Poll<Phase> {
        let idle = self.idle;
        let timer = self.idle_timer.get_or_insert_with(|| Box::pin(sleep(idle)));
        if timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Phase::Idle);
        }
        if let Some(deadline) = self.deadline {
            let timer = self.deadline_timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            if timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Phase::Total);
            }
        }
        Poll::Pending
    }
}

impl<B> Body for TimedBody<B>
where
    B: Body + Unpin,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    type Data = B::Data;
    type Error = EgressError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, EgressError>>> {
        let this = &mut *self;
        // A body that is never at a loss for a part must end in time as well.
        if this.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Poll::Ready(Some(Err(EgressError::Timeout(Phase::Total))));
        }
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.idle_timer = None;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(EgressError::other(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => this.poll_timers(cx).map(|phase| Some(Err(EgressError::Timeout(phase)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B> std::fmt::Debug for TimedBody<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TimedBody").field("idle", &self.idle).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// Reads a whole body of at most `max_bytes`.
///
/// # Errors
/// [`EgressError::TooLarge`] as soon as it is, and whatever the body fails with.
pub async fn collect_bounded<B>(body: B, max_bytes: usize) -> Result<Bytes, EgressError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let too_large = EgressError::TooLarge { max_bytes };
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(too_large);
    }
    let mut body = body;
    let mut first: Option<Bytes> = None;
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.into().downcast::<EgressError>() {
            Ok(ours) => *ours,
            Err(other) => EgressError::other(other),
        })?;
        let Ok(part) = frame.into_data() else { continue };
        let held = joined.len() + first.as_ref().map_or(0, Bytes::len);
        if held + part.len() > max_bytes {
            return Err(too_large);
        }
        // Most answers come in one part, which is then not copied.
        match first.take() {
            None if joined.is_empty() => first = Some(part),
            before => {
                joined.extend_from_slice(&before.unwrap_or_default());
                joined.extend_from_slice(&part);
            }
        }
    }
    Ok(first.unwrap_or_else(|| joined.freeze()))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use http_body_util::{Channel, Full};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn timed_body_that_falls_silent_fails() {
        let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(4);
        let mut body = TimedBody::new(body, Duration::from_secs(3), None);
        for _ in 0..3 {
            sender.send_data(Bytes::from_static(b"x")).await.unwrap();
            tokio::time::advance(Duration::from_secs(2)).await;
            assert!(body.frame().await.unwrap().is_ok());
        }
        assert!(matches!(body.frame().await, Some(Err(EgressError::Timeout(Phase::Idle)))));
    }

    #[tokio::test(start_paused = true)]
    async fn timed_body_at_its_deadline_fails_however_busy() {
        let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(4);
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut body = TimedBody::new(body, Duration::from_secs(3), Some(deadline));
        assert!(body.frame().now_or_never().is_none(), "nothing is there yet, and the timers run");
        sender.send_data(Bytes::from_static(b"x")).await.unwrap();
        assert!(body.frame().await.unwrap().is_ok());
        sender.send_data(Bytes::from_static(b"x")).await.unwrap();
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(matches!(body.frame().await, Some(Err(EgressError::Timeout(Phase::Total)))));
    }

    #[tokio::test]
    async fn collect_bounded_at_the_bound_passes_and_above_it_fails() {
        let body = |text: &'static str| Full::new(Bytes::from_static(text.as_bytes()));
        assert_eq!(collect_bounded(body("1234"), 4).await.unwrap(), "1234");
        assert!(matches!(collect_bounded(body("12345"), 4).await, Err(EgressError::TooLarge { max_bytes: 4 })));
    }

    #[tokio::test]
    async fn collect_bounded_of_parts_joins_them() {
        let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(4);
        for part in ["a", "bc", "d"] {
            sender.send_data(Bytes::from_static(part.as_bytes())).await.unwrap();
        }
        drop(sender);
        assert_eq!(collect_bounded(body, 4).await.unwrap(), "abcd");
    }
}
