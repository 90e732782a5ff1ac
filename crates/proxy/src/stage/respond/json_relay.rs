//! A JSON answer that is too large to be kept: it streams through as it comes, and is looked at as it passes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use ostiary_egress::EgressError;
use ostiary_mcp::scan::{AnswerScan, Outcome};
use ostiary_model::AccountId;

use crate::answer::Answer;
use crate::body::BodyError;
use crate::bounds::Held;
use crate::reading::Reading;
use crate::stage::settle::Settlement;

/// The body of such an answer.
#[derive(Debug)]
pub(crate) struct JsonRelay<B> {
    read: Option<Bytes>,
    rest: B,
    settlement: Option<Settlement>,
    scan: AnswerScan,
    reading: Reading,
    _held: Held<AccountId>,
}

impl<B> JsonRelay<B> {
    pub(crate) fn new(
        read: Bytes,
        rest: B,
        settlement: Option<Settlement>,
        reading: Reading,
        held: Held<AccountId>,
    ) -> Self {
        Self { read: Some(read), rest, settlement, scan: AnswerScan::default(), reading, _held: held }
    }

    fn pass(&mut self, data: Bytes) -> Frame<Bytes> {
        if let Some(settlement) = &mut self.settlement {
            settlement.passed(data.len());
            self.scan.push(&data);
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
                    this.reading.answered();
                    if let Some(settlement) = this.settlement.take() {
                        match this.scan.outcome() {
                            Some(Outcome::Result) => settlement.answer(Answer::Result),
                            Some(Outcome::ToolError) => settlement.answer(Answer::ToolError),
                            Some(Outcome::RpcError(code)) => settlement.answer(Answer::RpcError(code)),
                            None => settlement.broken(),
                        }
                    }
                    return Poll::Ready(None);
                }
            }
        }
    }
}
