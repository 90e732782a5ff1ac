use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn parse(chunks: &[&[u8]]) -> (Vec<Frame>, usize) {
    let mut parser = SseParser::new(1 << 16);
    let mut frames = Vec::new();
    for chunk in chunks {
        parser.push(Bytes::copy_from_slice(chunk));
        while let Some(frame) = parser.next_frame().unwrap() {
            frames.push(frame);
        }
    }
    (frames, parser.rest())
}

fn data(frames: &[Frame]) -> Vec<Option<&[u8]>> {
    frames.iter().map(|frame| frame.data.as_deref()).collect()
}

/// What a reader gets of a frame, raw bytes apart.
fn meaning(frames: &[Frame]) -> Vec<Frame> {
    frames
        .iter()
        .map(|frame| Frame { raw: Bytes::new(), ..frame.clone() })
        .filter(|frame| *frame != Frame::default())
        .collect()
}

#[test]
fn parser_reads_every_field() {
    let (frames, rest) = parse(&[b"event: message\nid: 4\nretry: 100\ndata: {\"a\":\ndata:  1}\nother: x\n:c\n\n"]);
    assert_eq!(rest, 0);
    let frame = &frames[0];
    assert_eq!(frame.event.as_deref(), Some(&b"message"[..]));
    assert_eq!(frame.id.as_deref(), Some(&b"4"[..]));
    assert_eq!(frame.retry_ms, Some(100));
    assert_eq!(frame.data.as_deref(), Some(&b"{\"a\":\n 1}"[..]));
}

#[rstest]
#[case(b"data: a\n\ndata: b\n\n")]
#[case(b"data: a\r\n\r\ndata: b\r\n\r\n")]
#[case(b"data: a\r\rdata: b\r\r")]
#[case(b"data:a\r\n\ndata:b\n\r\n")]
#[case(b"\xef\xbb\xbfdata: a\n\ndata: b\n\n")]
fn parser_with_any_line_ending_sees_both_events(#[case] stream: &[u8]) {
    assert_eq!(data(&parse(&[stream]).0), [Some(&b"a"[..]), Some(&b"b"[..])]);
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(meaning(&parse(&bytes).0), meaning(&parse(&[stream]).0));
}

#[test]
fn parser_at_a_cr_cut_from_its_lf_dispatches_at_once_and_completes_it() {
    let (frames, rest) = parse(&[b"data: a\r\n\r"]);
    assert_eq!((frames.len(), rest), (1, 0));
    assert_eq!(frames[0].raw, &b"data: a\r\n\r\n"[..]);
    let (frames, _) = parse(&[b"data: a\r\n\r", b"\ndata: b\r\n\r\n"]);
    assert_eq!(data(&frames), [Some(&b"a"[..]), Some(&b"b"[..])]);
}

#[test]
fn parser_with_comments_and_priming_events_gives_frames_to_pass_on() {
    let (frames, _) = parse(&[b": ping\n\nid: 1\ndata:\n\ndata\n\n"]);
    assert_eq!(data(&frames), [None, Some(&b""[..]), Some(&b""[..])]);
    assert_eq!(frames[0].raw, &b": ping\n\n"[..]);
}

#[test]
fn parser_with_an_unfinished_event_holds_it_back() {
    let (frames, rest) = parse(&[b"data: a\n"]);
    assert_eq!((frames.len(), rest), (0, 8));
}

#[test]
fn parser_above_the_bound_refuses_for_good() {
    let mut parser = SseParser::new(16);
    parser.push(Bytes::from_static(b"data: 0123456\n\n"));
    assert!(parser.next_frame().unwrap().is_some());
    parser.push(Bytes::from_static(b"data: 0123456789abcdef"));
    assert_eq!(parser.next_frame(), Err(SseError::TooLarge { max_bytes: 16 }));
    parser.push(Bytes::from_static(b"\n\n"));
    assert_eq!(parser.next_frame(), Err(SseError::TooLarge { max_bytes: 16 }));
}

#[test]
fn parser_ignores_ids_with_nul_and_retries_that_are_no_number() {
    let (frames, _) = parse(&[b"id: a\0b\nretry: 1s\ndata: x\n\n"]);
    assert_eq!((&frames[0].id, frames[0].retry_ms), (&None, None));
}

#[test]
fn with_data_keeps_the_other_fields() {
    let (frames, _) = parse(&[b"id: 7\nevent: message\nretry: 5\ndata: old\n\n"]);
    assert_eq!(frames[0].with_data(b"n\new"), "event: message\nid: 7\nretry: 5\ndata: n\ndata: ew\n\n");
    assert_eq!(frames[0].with(Some(b"s"), None), "event: message\nid: s\nretry: 5\ndata: old\n\n");
}

#[test]
fn write_priming_is_an_event_with_id_and_no_data() {
    let mut out = Vec::new();
    write_priming(&mut out, "x", 3000);
    let frame = &parse(&[&out]).0[0];
    assert_eq!(
        (frame.id.as_deref(), frame.retry_ms, frame.data.as_deref()),
        (Some(&b"x"[..]), Some(3000), Some(&b""[..]))
    );
}

proptest! {
    #[test]
    fn parser_on_any_stream_cut_anywhere_means_the_same(
        stream in "(data|id|event|retry|:| |[a-z0-9]|\r|\n|\r\n|\n\n){0,60}",
        cuts in proptest::collection::vec(0usize..200, 0..6),
    ) {
        let whole = parse(&[stream.as_bytes()]).0;
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream.as_bytes()[pair[0]..pair[1]]).collect();
        let cut = parse(&chunks).0;
        prop_assert_eq!(meaning(&cut), meaning(&whole));
        // Passed on as they are, the frames mean the same once more.
        let passed: Vec<u8> = cut.iter().flat_map(|frame| frame.raw.to_vec()).collect();
        prop_assert_eq!(meaning(&parse(&[&passed]).0), meaning(&whole));
    }

    #[test]
    fn write_event_is_read_back(data in "[a-z\n\r:]{0,20}", id in "[a-z0-9]{1,5}") {
        let mut out = Vec::new();
        write_event(&mut out, Some(&id), Some("message"), data.as_bytes());
        let (frames, rest) = parse(&[&out]);
        prop_assert_eq!((frames.len(), rest), (1, 0));
        let expected = data.replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(frames[0].data.as_deref(), Some(expected.as_bytes()));
        prop_assert_eq!(frames[0].id.as_deref(), Some(id.as_bytes()));
    }

    #[test]
    fn parser_on_any_bytes_returns(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        parse(&[&bytes]);
    }
}
