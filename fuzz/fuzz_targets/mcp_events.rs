//! An event stream means the same however it is cut, and the frames passed on as they are mean the same once more.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ostiary_mcp::sse::{Frame, SseParser};

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
});
