//! What kind of answer a message is, found in one pass while it streams by, however large it is.

/// Longest name of a member that matters here, and longest value.
const MAX_BYTES: usize = 24;
/// Longest id that is read, as it is written.
const ID_MAX_BYTES: usize = 1024;

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A result.
    Result,
    /// A result that says that the tool failed.
    ToolError,
    /// A JSON-RPC error with its code; 0 where it has none that can be read.
    RpcError(i64),
}

/// Reads a message piece by piece and keeps nothing of it.
///
/// It takes for granted that the message is JSON: what is none is found out by whoever reads it.
#[derive(Debug, Default)]
pub struct AnswerScan {
    depth: usize,
    /// Whether the first two levels are objects.
    is_object: [bool; 3],
    is_string: bool,
    is_escaped: bool,
    /// A string that comes now is a member's name.
    expects_name: bool,
    is_name: bool,
    name: Vec<u8>,
    /// The member of the message that is being read.
    part: Part,
    /// The member of the result or error that is being read, when it matters.
    member: Option<Member>,
    value: Vec<u8>,
    has_result: bool,
    has_error: bool,
    is_error: bool,
    code: i64,
    /// The id as it is written, and whether it is being read.
    id: Vec<u8>,
    is_id: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Part {
    #[default]
    Other,
    Result,
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    IsError,
    Code,
}

impl AnswerScan {
    /// Reads the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        for &byte in piece {
            if self.is_string {
                self.string(byte);
            } else {
                self.structure(byte);
            }
            // The byte that ends the value has ended it here.
            if self.is_id && self.id.len() <= ID_MAX_BYTES && !(self.id.is_empty() && byte == b':') {
                self.id.push(byte);
            }
        }
    }

    /// Whether a result or an error has begun.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        self.has_result || self.has_error
    }

    /// The id of the message, raw; `None` while it has not come, and where it is longer than any that is given.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        let id = std::str::from_utf8(&self.id).ok().filter(|id| id.len() <= ID_MAX_BYTES)?;
        Some(id.trim()).filter(|id| !id.is_empty() && !self.is_id)
    }

    /// What the message is, once all of it was read; `None` when it is no answer, or has not ended.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match (self.depth, self.has_error, self.has_result) {
            (0, true, _) => Some(Outcome::RpcError(self.code)),
            (0, false, true) if self.is_error => Some(Outcome::ToolError),
            (0, false, true) => Some(Outcome::Result),
            _ => None,
        }
    }

    fn string(&mut self, byte: u8) {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => {
                self.is_string = false;
                return;
            }
            _ => {}
        }
        // A name that is written with escapes is none of those that matter, to this reader.
        if self.is_name && self.name.len() < MAX_BYTES {
            self.name.push(byte);
        }
    }

    fn structure(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.is_string = true;
                self.is_name = self.expects_name && self.depth <= 2;
                if self.is_name {
                    self.name.clear();
                }
            }
            b':' => self.named(),
            b',' => {
                self.ended();
                self.expects_name = self.is_object.get(self.depth).copied().unwrap_or(false);
            }
            b'{' | b'[' => {
                self.depth += 1;
                if let Some(is_object) = self.is_object.get_mut(self.depth) {
                    *is_object = byte == b'{';
                }
                self.expects_name = byte == b'{';
            }
            b'}' | b']' => {
                self.ended();
                self.depth = self.depth.saturating_sub(1);
                self.expects_name = false;
            }
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ if self.depth == 2 && self.member.is_some() && self.value.len() < MAX_BYTES => self.value.push(byte),
            _ => {}
        }
    }

    /// A member's name was read, and its value comes.
    fn named(&mut self) {
        self.expects_name = false;
        self.value.clear();
        match self.depth {
            1 => {
                self.is_id = self.name == b"id";
                if self.is_id {
                    self.id.clear();
                }
                self.part = match self.name.as_slice() {
                    b"result" => Part::Result,
                    b"error" => Part::Error,
                    _ => Part::Other,
                };
                self.has_result |= self.part == Part::Result;
                self.has_error |= self.part == Part::Error;
            }
            2 => {
                self.member = match (self.part, self.name.as_slice()) {
                    (Part::Result, b"isError") => Some(Member::IsError),
                    (Part::Error, b"code") => Some(Member::Code),
                    _ => None,
                };
            }
            _ => {}
        }
    }

    /// A value has ended.
    fn ended(&mut self) {
        if self.depth == 1 {
            self.is_id = false;
        }
        if self.depth != 2 {
            return;
        }
        match self.member.take() {
            Some(Member::IsError) => self.is_error = self.value == b"true",
            Some(Member::Code) => {
                self.code = std::str::from_utf8(&self.value).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn scan(pieces: &[&[u8]]) -> Option<Outcome> {
        let mut scan = AnswerScan::default();
        for piece in pieces {
            scan.push(piece);
        }
        scan.outcome()
    }

    #[rstest]
    #[case(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#, Some(Outcome::Result))]
    #[case(r#"{"result":{"content":[{"isError":true}],"x":{"isError":true}},"id":1}"#, Some(Outcome::Result))]
    #[case(r#"{"result":{"content":["a\"}",{"b":[1,{}]}], "isError" : true } ,"id":1}"#, Some(Outcome::ToolError))]
    #[case(r#"{"result":{"isError":false,"content":"isError\":true"},"id":1}"#, Some(Outcome::Result))]
    #[case(r#"{"result":{"isError":"true"},"id":1}"#, Some(Outcome::Result))]
    #[case(r#"{"id":1,"error":{"data":{"code":1},"code":-32602,"message":"code"}}"#, Some(Outcome::RpcError(-32602)))]
    #[case(r#"{"id":1,"error":{}}"#, Some(Outcome::RpcError(0)))]
    #[case(r#"{"isError":true,"result":[{"isError":true}]}"#, Some(Outcome::Result))]
    #[case(r#"{"result":{"content":"#, None)]
    #[case("[]", None)]
    fn outcome_is_found_wherever_it_stands(#[case] message: &str, #[case] expected: Option<Outcome>) {
        assert_eq!(scan(&[message.as_bytes()]), expected);
    }

    #[rstest]
    #[case(r#"{"result":{"id":3},"id" : "a,\"}" }"#, Some(r#""a,\"}""#))]
    #[case(r#"{"id":1,"result":{"id":3,"x":[{"id":4}]},"id":-2.50}"#, Some("-2.50"))]
    #[case(r#"{"id":7,"result":{}}"#, Some("7"))]
    #[case(r#"{"result":{"id":3}}"#, None)]
    #[case(r#"{"result":{},"id":"#, None)]
    fn id_is_the_message_s_own_as_it_is_written(#[case] message: &str, #[case] expected: Option<&str>) {
        for cut in 0..message.len() {
            let mut scan = AnswerScan::default();
            scan.push(&message.as_bytes()[..cut]);
            scan.push(&message.as_bytes()[cut..]);
            assert_eq!(scan.id(), expected, "{message} cut at {cut}");
        }
    }

    proptest! {
        #[test]
        fn outcome_does_not_depend_on_the_pieces(cut in 0usize..80, bytes in any::<Vec<u8>>()) {
            let message = br#"{"id":"\"{","result":{"content":[{"text":"\\"}],"isError":true,"y":[[]]}}"#;
            let (left, right) = message.split_at(cut.min(message.len()));
            prop_assert_eq!(scan(&[left, right]), Some(Outcome::ToolError));
            let _ = scan(&[&bytes, message]);
        }
    }
}
