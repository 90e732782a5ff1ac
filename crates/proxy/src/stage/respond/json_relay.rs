//! A JSON answer that is too large to be kept: it streams through as it comes, is looked at as it passes, and put in the
//! words of the client's era where those are others.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use ostiary_egress::EgressError;

use crate::body::BodyError;
use crate::bounds::Turn;
use crate::passing::Passing;
use crate::reading::Reading;
use crate::stage::settle::Settlement;

/// The body of such an answer.
#[derive(Debug)]
pub(crate) struct JsonRelay<B> {
    read: Option<Bytes>,
    rest: B,
    settlement: Option<Settlement>,
    passing: Passing,
    reading: Reading,
    _turn: Turn,
}

impl<B> JsonRelay<B> {
    pub(crate) fn new(read: Bytes, rest: B, settlement: Option<Settlement>, reading: Reading, turn: Turn) -> Self {
        let passing = Passing::of(&reading);
        Self { read: Some(read), rest, settlement, passing, reading, _turn: turn }
    }

    /// What goes on for a piece that came in; none when there is nothing of it.
    fn pass(&mut self, data: Bytes) -> Option<Frame<Bytes>> {
        let out = self.passing.pass(data);
        if let Some(settlement) = &mut self.settlement {
            settlement.passed(out.len());
        }
        (!out.is_empty()).then(|| Frame::data(out))
    }
}

impl<B: HttpBody<Data = Bytes, Error = EgressError> + Unpin> HttpBody for JsonRelay<B> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Some(data) = this.read.take()
            && let Some(frame) = this.pass(data)
        {
            return Poll::Ready(Some(Ok(frame)));
        }
        loop {
            match ready!(Pin::new(&mut this.rest).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if let Some(frame) = this.pass(data) {
                        return Poll::Ready(Some(Ok(frame)));
                    }
                }
                Some(Err(error)) => {
                    if let Some(settlement) = this.settlement.take() {
                        settlement.failed(&error);
                    }
                    return Poll::Ready(Some(Err(BodyError(error))));
                }
                None => {
                    this.reading.answered();
                    if let Some(settlement) = this.settlement.take() {
                        match this.passing.answer() {
                            Some(answer) => settlement.answer(answer),
                            None => settlement.broken(),
                        }
                    }
                    return Poll::Ready(None);
                }
            }
        }
    }
}
