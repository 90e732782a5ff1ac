//! An answer that is too large to be held, while it streams by: looked at, and put in the words of its client.

use bytes::Bytes;
use ostiary_mcp::resource_names::ResourceNames;
use ostiary_mcp::rewrite::AnswerRewrite;
use ostiary_mcp::scan::{AnswerScan, Outcome};
use ostiary_mcp::translate::Down;

use crate::answer::Answer;
use crate::origin::Origin;
use crate::reading::Reading;

/// Reads one answer piece by piece, and keeps nothing of it.
#[derive(Debug)]
pub(crate) struct Passing {
    scan: AnswerScan,
    rewrite: Option<AnswerRewrite>,
    /// At the account's endpoint.
    names: Option<ResourceNames>,
}

impl Passing {
    /// An answer that is read like this.
    pub(crate) fn of(reading: &Reading) -> Self {
        Self {
            scan: AnswerScan::default(),
            rewrite: reading.down.as_ref().and_then(Down::streamed),
            names: reading.origin.as_ref().map(Origin::resource_names),
        }
    }

    /// What goes on for a piece that came in.
    pub(crate) fn pass(&mut self, data: Bytes) -> Bytes {
        self.scan.push(&data);
        let out = match &mut self.rewrite {
            Some(rewrite) => rewrite.push(&data).into(),
            None => data,
        };
        let named = self.names.as_mut().and_then(|names| names.push(&out));
        named.map_or(out, Bytes::from)
    }

    /// Whether a result or an error has begun.
    pub(crate) const fn is_answer(&self) -> bool {
        self.scan.is_answer()
    }

    /// The id of the answer, raw, as far as it has come.
    pub(crate) fn id(&self) -> Option<&str> {
        self.scan.id()
    }

    /// What was answered; none when it was none, or has not ended.
    pub(crate) fn answer(&self) -> Option<Answer> {
        self.scan.outcome().map(|outcome| match outcome {
            Outcome::Result => Answer::Result,
            Outcome::ToolError => Answer::ToolError,
            Outcome::RpcError(code) => Answer::RpcError(code),
        })
    }
}
