//! A JSON answer that is too large to be looked at: it streams through as it comes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use ostiary_egress::EgressError;
use ostiary_model::AccountId;

use crate::answer::Answer;
use crate::body::BodyError;
use crate::bounds::Held;
use crate::stage::settle::Settlement;

/// The body of such an answer. Its call counts as answered with a result when it ends.
#[derive(Debug)]
pub(crate) struct JsonRelay<B> {
    read: Option<Bytes>,
    rest: B,
    settlement: Option<Settlement>,
    _held: Held<AccountId>,
}

impl<B> JsonRelay<B> {
    pub(crate) fn new(read: Bytes, rest: B, settlement: Option<Settlement>, held: Held<AccountId>) -> Self {
        Self { read: Some(read), rest, settlement, _held: held }
    }

    fn pass(&mut self, data: Bytes) -> Frame<Bytes> {
        if let Some(settlement) = &mut self.settlement {
            settlement.passed(data.len());
        }
        Frame::data(data)
    }
}

impl<B: HttpBody<Data = Bytes, Error = EgressError> + Unpin> HttpBody for JsonRelay<B> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Some(data) = this.read.take() {
            return Poll::Ready(Some(Ok(this.pass(data))));
        }
        loop {
            match ready!(Pin::new(&mut this.rest).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    return Poll::Ready(Some(Ok(this.pass(data))));
                }
                Some(Err(error)) => {
                    if let Some(settlement) = this.settlement.take() {
                        settlement.failed(&error);
                    }
                    return Poll::Ready(Some(Err(BodyError(error))));
                }
                None => {
                    if let Some(settlement) = this.settlement.take() {
                        settlement.answer(Answer::Result);
                    }
                    return Poll::Ready(None);
                }
            }
        }
    }
}
