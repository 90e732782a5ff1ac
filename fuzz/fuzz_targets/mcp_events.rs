//! An event stream means the same however it is cut, and the frames passed on as they are mean the same once more; events
//! that are given out in parts, too.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ostiary_mcp::sse::{EventReader, Frame, Piece, SseParser};

const MAX_BYTES: usize = 1 << 12;

/// What a reader gets of a stream until it is refused, and whether it was.
fn read<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<Frame>, bool) {
    let mut parser = SseParser::new(MAX_BYTES);
    let mut frames = Vec::new();
    for chunk in chunks {
        parser.push(Bytes::copy_from_slice(chunk));
        loop {
            match parser.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}

/// The same where nothing above `max_bytes` is held, with the bytes that were given out.
fn read_in_parts<'a>(chunks: impl Iterator<Item = &'a [u8]>, max_bytes: usize) -> (Vec<Frame>, Vec<u8>) {
    let mut parser = SseParser::new(max_bytes);
    let (mut frames, mut raw, mut reader, mut data) = (Vec::new(), Vec::new(), EventReader::default(), Vec::new());
    for chunk in chunks {
        parser.push(Bytes::copy_from_slice(chunk));
        while let Some(piece) = parser.next_piece() {
            match piece {
                Piece::Frame(frame) => {
                    raw.extend_from_slice(&frame.raw);
                    frames.push(frame);
                }
                Piece::Part(part) => {
                    raw.extend_from_slice(&part.raw);
                    data.extend(reader.push(&part.raw));
                    if part.is_last {
                        let data = Some(Bytes::from(std::mem::take(&mut data)));
                        frames.push(Frame { data, ..std::mem::take(&mut reader).take_fields() });
                    }
                }
            }
        }
    }
    (frames, raw)
}

/// Events that have data: whether one without has an empty text or none is not told of a large one.
fn with_data(frames: &[Frame]) -> Vec<Frame> {
    let has_data = |frame: &Frame| frame.data.as_ref().is_some_and(|data| !data.is_empty());
    meaning(frames).into_iter().filter(has_data).collect()
}

/// The fields alone: comments and blank lines mean nothing.
fn meaning(frames: &[Frame]) -> Vec<Frame> {
    let fields = frames.iter().map(|frame| Frame { raw: Bytes::new(), ..frame.clone() });
    fields.filter(|frame| *frame != Frame::default()).collect()
}

fuzz_target!(|input: &[u8]| {
    // The first byte says how large the pieces are.
    let Some((&size, stream)) = input.split_first() else { return };
    let (whole, is_refused) = read(std::iter::once(stream));
    let (cut, is_cut_refused) = read(stream.chunks(usize::from(size).max(1)));
    if is_refused || is_cut_refused {
        return;
    }
    assert_eq!(meaning(&whole), meaning(&cut));
    let passed: Vec<u8> = cut.iter().flat_map(|frame| frame.raw.to_vec()).collect();
    assert_eq!(meaning(&read(std::iter::once(passed.as_slice())).0), meaning(&whole));
    let (parts, given_out) = read_in_parts(stream.chunks(usize::from(size).max(1)), usize::from(size));
    assert_eq!(with_data(&parts), with_data(&whole));
    assert_eq!(with_data(&read(std::iter::once(given_out.as_slice())).0), with_data(&whole));
});
