//! Stage 7: how a call ended, for its record and its limits.

use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use ostiary_admission::{CallEnd, InFlight, release_for};
use ostiary_egress::EgressError;
use ostiary_model::decision::{Ending, EndingResult};

use crate::answer::Answer;
use crate::metrics::Metrics;

/// A call that was sent and whose end is not known yet.
///
/// Dropped before it is settled, it ends as a call whose client has left: what it took stays taken, because the
/// upstream may have run it.
#[derive(Debug)]
pub(crate) struct Settlement {
    in_flight: Option<InFlight>,
    metrics: Arc<Metrics>,
    sent: Instant,
    upstream_status: Option<StatusCode>,
    bytes_out: u64,
}

impl Settlement {
    pub(crate) fn new(in_flight: InFlight, metrics: Arc<Metrics>) -> Self {
        Self { in_flight: Some(in_flight), metrics, sent: Instant::now(), upstream_status: None, bytes_out: 0 }
    }

    /// The head of the upstream's answer has come.
    pub(crate) fn answered(&mut self, status: StatusCode) {
        self.upstream_status = Some(status);
    }

    /// So many bytes of the answer have gone to the client.
    pub(crate) fn passed(&mut self, bytes: usize) {
        self.bytes_out = self.bytes_out.saturating_add(bytes as u64);
    }

    /// The upstream answered.
    pub(crate) fn answer(self, answer: Answer) {
        match answer {
            Answer::Result => self.end(EndingResult::Ok, CallEnd::Other),
            Answer::ToolError => self.end(EndingResult::ToolError, CallEnd::Other),
            Answer::RpcError(code) => self.end(EndingResult::RpcError, CallEnd::Rpc(code)),
        }
    }

    /// The upstream answered with an HTTP error.
    pub(crate) fn http_error(self, status: StatusCode) {
        self.end(EndingResult::HttpError, CallEnd::Http(status.as_u16()));
    }

    /// The upstream could not be connected; nothing was sent.
    pub(crate) fn unreachable(self) {
        self.end(EndingResult::Unreachable, CallEnd::Unreachable);
    }

    /// The answer broke off, or is none.
    pub(crate) fn broken(self) {
        self.end(EndingResult::Broken, CallEnd::Other);
    }

    /// The upstream failed on the way.
    pub(crate) fn failed(self, error: &EgressError) {
        if error.is_unsent() {
            return self.unreachable();
        }
        match error {
            EgressError::Timeout(_) => self.end(EndingResult::Timeout, CallEnd::Other),
            _ => self.broken(),
        }
    }

    fn end(mut self, result: EndingResult, end: CallEnd) {
        self.settle(result, end);
    }

    fn settle(&mut self, result: EndingResult, end: CallEnd) {
        let Some(in_flight) = self.in_flight.take() else { return };
        self.metrics.ending(result);
        let ending = Ending {
            result,
            upstream_status: self.upstream_status.map(|status| status.as_u16()),
            bytes_out: i64::try_from(self.bytes_out).unwrap_or(i64::MAX),
            upstream_ms: i64::try_from(self.sent.elapsed().as_millis()).unwrap_or(i64::MAX),
        };
        in_flight.settle(release_for(end), Some(ending));
    }
}

impl Drop for Settlement {
    fn drop(&mut self) {
        self.settle(EndingResult::ClientGone, CallEnd::Other);
    }
}
