//! Event streams, cut into frames as bytes arrive, and written.
//!
//! A frame keeps its bytes: a gateway that changes nothing passes them on as they came.

use std::fmt::Write as _;

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr2;

mod fields;
mod large;

pub use large::{EventReader, Part};

/// A comment that keeps a silent stream alive.
pub const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// Largest part of an event that is not held.
const PART_BYTES: usize = 64 * 1024;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Why a stream cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// One event is larger than allowed.
    #[error("an event is larger than {max_bytes} bytes")]
    TooLarge {
        /// The bound.
        max_bytes: usize,
    },
}

/// What comes of a stream when large events need not be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A whole frame.
    Frame(Frame),
    /// A part of an event that is larger than the bound.
    Part(Part),
}

/// One event, or a comment, or a lone blank line: everything up to and including a blank line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// The bytes, complete: written one after the other they are the stream again.
    pub raw: Bytes,
    /// The event's type.
    pub event: Option<Bytes>,
    /// The event's id. An empty one resets what the client remembers.
    pub id: Option<Bytes>,
    /// How long a client that lost the stream waits before it comes back.
    pub retry_ms: Option<u64>,
    /// The data, its lines joined; `None` where there is no data line, empty in a priming event.
    pub data: Option<Bytes>,
}

impl Frame {
    /// The same event with other data.
    #[must_use]
    pub fn with_data(&self, data: &[u8]) -> Bytes {
        self.with(None, Some(data))
    }

    /// The same event with another id, other data, or both; `None` keeps what it has. Comments inside it are lost.
    #[must_use]
    pub fn with(&self, id: Option<&[u8]>, data: Option<&[u8]>) -> Bytes {
        let mut out = Vec::with_capacity(self.raw.len());
        if let Some(event) = self.event.as_deref() {
            write_field(&mut out, "event", event);
        }
        if let Some(id) = id.or(self.id.as_deref()) {
            write_field(&mut out, "id", id);
        }
        if let Some(retry_ms) = self.retry_ms {
            write_field(&mut out, "retry", retry_ms.to_string().as_bytes());
        }
        if let Some(data) = data.or(self.data.as_deref()) {
            write_data(&mut out, data);
        }
        out.push(b'\n');
        out.into()
    }

    /// The lines of its fields but for the data, as a beginning or an end of an event whose data goes on by itself.
    #[must_use]
    pub fn lines_beside_data(&self) -> Vec<u8> {
        let mut out = Frame { data: None, raw: Bytes::new(), ..self.clone() }.with(None, None).to_vec();
        out.pop();
        out
    }
}

/// Cuts a stream into frames. Whatever the chunks are, the frames are the same.
pub struct SseParser {
    buffer: BytesMut,
    /// Start of the line that is being read.
    line: usize,
    /// Everything before it was looked at and ends no event.
    scanned: usize,
    max_bytes: usize,
    /// No byte was consumed yet: a byte order mark may stand here.
    at_start: bool,
    /// The last event ended in a CR, and an LF that follows belongs to it.
    after_cr: bool,
    /// The last line before the one that is being read ended in CR LF.
    crlf: bool,
    /// The event that is being read is larger than the bound, and is given out in parts.
    is_large: bool,
    /// Where it ends, once that is known.
    end: Option<usize>,
    /// The line that is being read began in a part that was given out.
    is_line_open: bool,
}

impl SseParser {
    /// A parser that refuses events of more than `max_bytes`.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            line: 0,
            scanned: 0,
            max_bytes,
            at_start: true,
            after_cr: false,
            crlf: false,
            is_large: false,
            end: None,
            is_line_open: false,
        }
    }

    /// Takes the next bytes of the stream. Take every frame out before the next call, or memory is not bounded.
    pub fn push(&mut self, chunk: Bytes) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::from(chunk);
        } else {
            self.buffer.extend_from_slice(&chunk);
        }
    }

    /// How many bytes of an unfinished event are held. At the end of the stream they are no event.
    #[must_use]
    pub fn rest(&self) -> usize {
        self.buffer.len()
    }

    /// The next whole frame; `None` until more bytes are pushed.
    ///
    /// # Errors
    /// [`SseError::TooLarge`], again and again: the stream is of no use afterwards.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, SseError> {
        if !self.skip_prefix() {
            return Ok(None);
        }
        let end = self.find_end();
        if end.unwrap_or(self.buffer.len()) > self.max_bytes {
            return Err(SseError::TooLarge { max_bytes: self.max_bytes });
        }
        Ok(end.map(|end| fields::frame(self.cut(end))))
    }

    /// The next whole frame, or the next part of one that is larger than the bound; `None` until more bytes are pushed.
    /// Not to be mixed with [`next_frame`](Self::next_frame).
    pub fn next_piece(&mut self) -> Option<Piece> {
        if !self.skip_prefix() {
            return None;
        }
        if self.end.is_none() {
            self.end = self.find_end();
        }
        if !self.is_large && self.end.unwrap_or(self.buffer.len()) <= self.max_bytes {
            let end = self.end.take()?;
            return Some(Piece::Frame(fields::frame(self.cut(end))));
        }
        self.is_large = true;
        let length = self.end.unwrap_or(self.scanned).min(PART_BYTES);
        if length == 0 {
            return None;
        }
        if self.end == Some(length) {
            (self.is_large, self.end) = (false, None);
            return Some(Piece::Part(Part { raw: self.cut(length), is_last: true }));
        }
        let raw = self.buffer.split_to(length).freeze();
        self.end = self.end.map(|end| end - length);
        self.scanned = self.scanned.saturating_sub(length);
        if self.line < length {
            (self.line, self.is_line_open) = (0, true);
        } else {
            self.line -= length;
        }
        Some(Piece::Part(Part { raw, is_last: false }))
    }

    /// Takes the rest of an event, which ends behind `end` bytes.
    fn cut(&mut self, end: usize) -> Bytes {
        let mut raw = self.buffer.split_to(end);
        // The event is over at the CR: waiting for an LF could hold it back for ever. Where lines end in CR LF the LF is
        // on its way, and readers less strict than this one want to see it.
        self.after_cr = raw.last() == Some(&b'\r');
        if self.after_cr && self.crlf {
            raw.extend_from_slice(b"\n");
        }
        (self.line, self.scanned, self.crlf, self.is_line_open) = (0, 0, false, false);
        raw.freeze()
    }

    /// Steps over a byte order mark and over the LF of a CR LF that was cut in two; false where that needs more bytes.
    fn skip_prefix(&mut self) -> bool {
        if self.at_start {
            if self.buffer.starts_with(BOM) {
                self.buffer.advance(BOM.len());
            } else if BOM.starts_with(&self.buffer) {
                return false;
            }
            self.at_start = false;
        }
        if self.after_cr && !self.buffer.is_empty() {
            if self.buffer.first() == Some(&b'\n') {
                self.buffer.advance(1);
            }
            self.after_cr = false;
        }
        true
    }

    /// Where the first event in the buffer ends: behind its blank line.
    fn find_end(&mut self) -> Option<usize> {
        loop {
            let Some(at) = memchr2(b'\n', b'\r', self.buffer.get(self.scanned..)?) else {
                self.scanned = self.buffer.len();
                return None;
            };
            self.scanned += at;
            let byte = self.buffer.get(self.scanned).copied();
            let next = self.buffer.get(self.scanned + 1).copied();
            let is_blank = self.scanned == self.line && !self.is_line_open;
            let width = match (byte, next) {
                (Some(b'\r'), Some(b'\n')) => 2,
                // Whether an LF follows decides where the next line begins, so a line waits for it; a blank one does not.
                (Some(b'\r'), None) if !is_blank => return None,
                _ => 1,
            };
            self.scanned += width;
            if is_blank {
                return Some(self.scanned);
            }
            self.crlf = width == 2;
            (self.line, self.is_line_open) = (self.scanned, false);
        }
    }
}

impl std::fmt::Debug for SseParser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The contents are messages of strangers and stay out of logs.
        f.debug_struct("SseParser")
            .field("rest", &self.rest())
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

/// Appends an event. Line breaks in `data` become further data lines; an id or event type with a line break is cut there.
pub fn write_event(out: &mut Vec<u8>, id: Option<&str>, event: Option<&str>, data: &[u8]) {
    if let Some(event) = event {
        write_field(out, "event", event.as_bytes());
    }
    if let Some(id) = id {
        write_field(out, "id", id.as_bytes());
    }
    write_data(out, data);
    out.push(b'\n');
}

/// Appends an event that opens a stream to be resumed: an id, no data, and how long to wait before coming back.
pub fn write_priming(out: &mut Vec<u8>, id: &str, retry_ms: u64) {
    let mut retry = String::new();
    // Writing to a string cannot fail.
    let _ = write!(retry, "{retry_ms}");
    write_field(out, "id", id.as_bytes());
    write_field(out, "retry", retry.as_bytes());
    write_data(out, b"");
    out.push(b'\n');
}

fn write_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    let line = fields::lines(value).next().unwrap_or_default();
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(line);
    out.push(b'\n');
}

fn write_data(out: &mut Vec<u8>, data: &[u8]) {
    for line in fields::lines(data) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests;
