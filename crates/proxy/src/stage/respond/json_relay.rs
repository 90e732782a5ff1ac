//! A JSON answer that is too large to be kept: it streams through as it comes, is looked at as it passes, and put in the
//! words of the client's era where those are others.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use ostiary_egress::EgressError;
use ostiary_mcp::resource_names::ResourceNames;
use ostiary_mcp::rewrite::AnswerRewrite;
use ostiary_mcp::scan::{AnswerScan, Outcome};
use ostiary_mcp::translate::Down;
use ostiary_model::AccountId;

use crate::answer::Answer;
use crate::body::BodyError;
use crate::bounds::Held;
use crate::origin::Origin;
use crate::reading::Reading;
use crate::stage::settle::Settlement;

/// The body of such an answer.
#[derive(Debug)]
pub(crate) struct JsonRelay<B> {
    read: Option<Bytes>,
    rest: B,
    settlement: Option<Settlement>,
    scan: AnswerScan,
    rewrite: Option<AnswerRewrite>,
    /// At the account's endpoint.
    names: Option<ResourceNames>,
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
        let (scan, rewrite) = (AnswerScan::default(), reading.down.as_ref().and_then(Down::streamed));
        let names = reading.origin.as_ref().map(Origin::resource_names);
        Self { read: Some(read), rest, settlement, scan, rewrite, names, reading, _held: held }
    }

    /// What goes on for a piece that came in; none when there is nothing of it.
    fn pass(&mut self, data: Bytes) -> Option<Frame<Bytes>> {
        if self.settlement.is_some() {
            self.scan.push(&data);
        }
        let out = match &mut self.rewrite {
            Some(rewrite) => rewrite.push(&data).into(),
            None => data,
        };
        let named = self.names.as_mut().and_then(|names| names.push(&out));
        let out = named.map_or(out, Bytes::from);
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
