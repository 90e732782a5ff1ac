//! Events that are too large to be held: their fields and data, read while they come.

use bytes::Bytes;
use memchr::memchr2;

use super::{Frame, fields};

/// Longest name of a field that means something, in bytes.
const NAME_MAX_BYTES: usize = 5;
/// Longest value of a field other than data. A longer one is left out.
const VALUE_MAX_BYTES: usize = 64 * 1024;

/// A part of an event that is larger than the bound. Written one after the other, up to the last, they are the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The bytes.
    pub raw: Bytes,
    /// The event ends with it.
    pub is_last: bool,
}

/// Where in a line the next byte is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the field's name.
    #[default]
    Name,
    /// In a value that is data.
    Data,
    /// In a value that is kept.
    Kept,
    /// In what means nothing.
    Skipped,
}

/// Reads an event part by part, and keeps nothing of its data.
#[derive(Debug, Default)]
pub struct EventReader {
    place: Place,
    name: Vec<u8>,
    value: Vec<u8>,
    /// The next byte is the first of a value: a space there is none of it.
    is_first: bool,
    has_data: bool,
    after_cr: bool,
    fields: Frame,
}

impl EventReader {
    /// Reads the next part; answers the data in it, lines joined.
    #[must_use]
    pub fn push(&mut self, raw: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((&first, behind)) = rest.split_first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                rest = behind;
                continue;
            }
            let line = memchr2(b'\n', b'\r', rest).and_then(|at| rest.split_at_checked(at));
            let Some((line, ending)) = line else {
                self.part_of_line(rest, &mut out);
                break;
            };
            self.part_of_line(line, &mut out);
            self.end_of_line(&mut out);
            self.after_cr = ending.first() == Some(&b'\r');
            rest = ending.get(1..).unwrap_or_default();
        }
        out
    }

    /// The fields but for the data that were read since they were last taken.
    #[must_use]
    pub fn take_fields(&mut self) -> Frame {
        std::mem::take(&mut self.fields)
    }

    fn part_of_line(&mut self, part: &[u8], out: &mut Vec<u8>) {
        let mut part = part;
        if self.place == Place::Name {
            let (name, value) = match part.iter().position(|&byte| byte == b':') {
                Some(at) => (part.get(..at).unwrap_or_default(), part.get(at + 1..)),
                None => (part, None),
            };
            // One byte more than any name that means something.
            let room = (NAME_MAX_BYTES + 1).saturating_sub(self.name.len());
            self.name.extend_from_slice(name.get(..room).unwrap_or(name));
            let Some(value) = value else { return };
            self.begin_value(out);
            part = value;
        }
        if part.is_empty() {
            return;
        }
        if std::mem::take(&mut self.is_first) {
            part = part.strip_prefix(b" ").unwrap_or(part);
        }
        match self.place {
            Place::Data => out.extend_from_slice(part),
            Place::Kept if self.value.len() + part.len() <= VALUE_MAX_BYTES => self.value.extend_from_slice(part),
            Place::Kept => self.place = Place::Skipped,
            Place::Name | Place::Skipped => {}
        }
    }

    fn begin_value(&mut self, out: &mut Vec<u8>) {
        self.is_first = true;
        self.value.clear();
        self.place = match self.name.as_slice() {
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    out.push(b'\n');
                }
                Place::Data
            }
            b"event" | b"id" | b"retry" => Place::Kept,
            _ => Place::Skipped,
        };
    }

    fn end_of_line(&mut self, out: &mut Vec<u8>) {
        // A line without a colon is a field without a value.
        if self.place == Place::Name && !self.name.is_empty() {
            self.begin_value(out);
        }
        if self.place == Place::Kept {
            let value = Bytes::from(std::mem::take(&mut self.value));
            match self.name.as_slice() {
                b"event" => self.fields.event = Some(value),
                b"id" if !value.contains(&0) => self.fields.id = Some(value),
                b"retry" => self.fields.retry_ms = fields::digits(&value).or(self.fields.retry_ms),
                _ => {}
            }
        }
        self.name.clear();
        self.is_first = false;
        self.place = Place::Name;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Piece, SseParser};
    use super::*;

    /// What a stream holds when nothing above `max_bytes` is held: frames and large events alike, as a reader gets them.
    fn read(stream: &[u8], cuts: &[usize], max_bytes: usize) -> (Vec<Frame>, Vec<u8>) {
        let mut parser = SseParser::new(max_bytes);
        let (mut frames, mut raw) = (Vec::new(), Vec::new());
        let (mut reader, mut data, mut from) = (EventReader::default(), Vec::new(), 0);
        for to in cuts.iter().copied().chain([stream.len()]) {
            let to = to.clamp(from, stream.len());
            parser.push(Bytes::copy_from_slice(&stream[from..to]));
            from = to;
            while let Some(piece) = parser.next_piece() {
                match piece {
                    Piece::Frame(frame) => {
                        assert!(frame.raw.len() <= max_bytes + 1);
                        raw.extend_from_slice(&frame.raw);
                        frames.push(Frame { raw: Bytes::new(), ..frame });
                    }
                    Piece::Part(part) => {
                        raw.extend_from_slice(&part.raw);
                        data.extend(reader.push(&part.raw));
                        if part.is_last {
                            let has_data = reader.has_data;
                            let data = has_data.then(|| Bytes::from(std::mem::take(&mut data)));
                            frames.push(Frame { data, ..reader.take_fields() });
                            reader = EventReader::default();
                        }
                    }
                }
            }
        }
        (frames, raw)
    }

    fn meant(frames: Vec<Frame>) -> Vec<Frame> {
        frames.into_iter().filter(|frame| *frame != Frame::default()).collect()
    }

    #[test]
    fn large_event_is_read_in_parts_and_the_next_one_whole() {
        let stream = b"id: 1\ndata: {\"a\":\ndata:  1}\r\nretry: 5\nevent\nfoo: x\n: c\n\ndata: b\n\n";
        let (frames, raw) = read(stream, &[7, 20], 12);
        assert_eq!(raw, stream);
        let large = &frames[0];
        assert_eq!((large.id.as_deref(), large.retry_ms), (Some(&b"1"[..]), Some(5)));
        assert_eq!((large.event.as_deref(), large.data.as_deref()), (Some(&b""[..]), Some(&b"{\"a\":\n 1}"[..])));
        assert_eq!(frames[1].data.as_deref(), Some(&b"b"[..]));
    }

    proptest! {
        #[test]
        fn parts_mean_what_the_whole_event_means(
            stream in "((data|id|event|retry|x)(: ?[a-c1:]{0,9})?(\r|\n|\r\n)|(\r|\n|\r\n)|: c\n){0,14}",
            mut cuts in prop::collection::vec(0usize..120, 0..8),
            max_bytes in 1usize..40,
        ) {
            cuts.sort_unstable();
            let (whole, _) = read(stream.as_bytes(), &[], 1 << 20);
            let (parts, _) = read(stream.as_bytes(), &cuts, max_bytes);
            prop_assert_eq!(meant(parts), meant(whole));
        }

        #[test]
        fn reading_takes_whatever_comes(stream in any::<Vec<u8>>(), max_bytes in 0usize..9) {
            let _ = read(&stream, &[3, 9], max_bytes);
        }
    }
}
