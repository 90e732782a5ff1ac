//! An answer in one event that is too large to be held: it is passed on while it comes.
//!
//! Whether it answers the request that was asked is known when it ends, where servers may put the id. A client has no
//! event before its last line, so that one that must not be passed on is cut off before.

use bytes::Bytes;
use ostiary_mcp::sse::{EventReader, Part};

use crate::answer::{Answer, is_same_id};
use crate::passing::Passing;
use crate::reading::Reading;
use crate::refusal::Refusal;

/// Such an answer, as far as it has come.
#[derive(Debug)]
pub(super) struct LargeAnswer {
    reader: EventReader,
    passing: Passing,
    is_begun: bool,
}

impl LargeAnswer {
    pub(super) fn new(reading: &Reading) -> Self {
        Self { reader: EventReader::default(), passing: Passing::of(reading), is_begun: false }
    }

    /// Whether anything of it went out: then nothing else can, before it ends.
    pub(super) const fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// What goes on for a part, and the answer with the last; `id` is the request's at the upstream, raw.
    ///
    /// # Errors
    ///
    /// When it is no answer, or another request's.
    pub(super) fn pass(
        &mut self,
        part: &Part,
        reading: &Reading,
        id: &str,
    ) -> Result<(Bytes, Option<Answer>), Refusal> {
        let data = self.passing.pass(self.reader.push(&part.raw).into());
        if !self.passing.is_answer() {
            return Err(Refusal::upstream_invalid());
        }
        let mut out = Vec::with_capacity(data.len() + 1024);
        if !std::mem::replace(&mut self.is_begun, true) {
            // Those that stand behind the data follow at the end.
            out.extend_from_slice(&reading.fields(self.reader.take_fields()).lines_beside_data());
            out.extend_from_slice(b"data: ");
        }
        for (number, line) in data.split(|&byte| byte == b'\n').enumerate() {
            if number > 0 {
                out.extend_from_slice(b"\ndata: ");
            }
            out.extend_from_slice(line);
        }
        if !part.is_last {
            return Ok((out.into(), None));
        }
        let answer = self.passing.answer().ok_or_else(Refusal::upstream_invalid)?;
        if !self.passing.id().is_some_and(|given| is_same_id(given, id)) {
            tracing::debug!("an upstream answers another request than it was asked");
            return Err(Refusal::upstream_invalid());
        }
        out.push(b'\n');
        out.extend_from_slice(&reading.fields(self.reader.take_fields()).lines_beside_data());
        out.push(b'\n');
        Ok((out.into(), Some(answer)))
    }
}
