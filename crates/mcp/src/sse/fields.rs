//! The fields of one frame.

use bytes::{BufMut, Bytes, BytesMut};

use super::Frame;

/// Reads the fields of a complete frame.
pub(super) fn frame(raw: Bytes) -> Frame {
    let mut frame = Frame::default();
    let mut joined: Option<BytesMut> = None;
    for line in lines(&raw) {
        let (name, value) = field(line);
        match name {
            b"data" => match (&mut joined, &frame.data) {
                (Some(joined), _) => append(joined, value),
                // One line is the usual case and stays a slice of the frame.
                (None, None) => frame.data = Some(raw.slice_ref(value)),
                (None, Some(first)) => {
                    let mut both = BytesMut::from(first.as_ref());
                    append(&mut both, value);
                    joined = Some(both);
                }
            },
            b"event" => frame.event = Some(raw.slice_ref(value)),
            b"id" if !value.contains(&0) => frame.id = Some(raw.slice_ref(value)),
            b"retry" => frame.retry_ms = digits(value).or(frame.retry_ms),
            _ => {}
        }
    }
    if let Some(joined) = joined {
        frame.data = Some(joined.freeze());
    }
    frame.raw = raw;
    frame
}

fn append(joined: &mut BytesMut, line: &[u8]) {
    joined.put_u8(b'\n');
    joined.extend_from_slice(line);
}

/// Name and value of a line. A comment has an empty name.
fn field(line: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = line.splitn(2, |&byte| byte == b':');
    let name = parts.next().unwrap_or_default();
    // An empty slice of the line itself, so that it can be sliced out of the frame.
    let value = parts.next().unwrap_or_else(|| line.get(line.len()..).unwrap_or_default());
    (name, value.strip_prefix(b" ").unwrap_or(value))
}

pub(super) fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The lines of a text, ended by LF, CR or CR LF; at least one, and a last one that may be empty.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            rest = None;
            return Some(text);
        };
        let (line, ending) = text.split_at_checked(at)?;
        rest = ending.strip_prefix(b"\r\n").or_else(|| ending.get(1..));
        Some(line)
    })
}
