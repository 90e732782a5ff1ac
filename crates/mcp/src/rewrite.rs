//! An answer put in other words while it streams by, however large it is: its id, and members of its result.
//!
//! What is none of those goes through byte by byte. It takes for granted that the message is JSON: what is none is found
//! out by whoever reads it.

use std::fmt::Write as _;

use crate::json;

/// Longest name that may be one of those that matter, in bytes as written: every letter may be an escape.
const MAX_NAME: usize = 96;

/// What becomes of a member of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Added where there is none.
    Added,
    /// Added, or put in the place of the one that is there.
    Set,
}

#[derive(Debug)]
struct Target {
    name: &'static str,
    raw: String,
    rule: Rule,
    is_seen: bool,
}

/// Rewrites one answer piece by piece and keeps nothing of it.
#[derive(Debug)]
pub struct AnswerRewrite {
    /// The id, raw; at most one.
    message: Vec<Target>,
    result: Vec<Target>,
    depth: usize,
    /// Whether the message and its result are objects, and have members.
    is_object: [bool; 3],
    has_members: [bool; 3],
    is_string: bool,
    is_escaped: bool,
    /// A string that comes now is a member's name.
    expects_name: bool,
    is_name: bool,
    name: Vec<u8>,
    is_result: bool,
    /// The depth of the member whose value is left out; 0 for none.
    left_out_at: usize,
}

impl AnswerRewrite {
    /// With the id for the client, raw, where it is another than the upstream's, and members of the result, raw.
    #[must_use]
    pub fn new(id: Option<&str>, result: Vec<(&'static str, String, Rule)>) -> Self {
        let target = |(name, raw, rule)| Target { name, raw, rule, is_seen: false };
        Self {
            message: id.map(|id| target(("id", id.to_owned(), Rule::Set))).into_iter().collect(),
            result: result.into_iter().map(target).collect(),
            depth: 0,
            is_object: [false; 3],
            has_members: [false; 3],
            is_string: false,
            is_escaped: false,
            expects_name: false,
            is_name: false,
            name: Vec::new(),
            is_result: false,
            left_out_at: 0,
        }
    }

    /// Reads the next piece; answers what goes on in its place, which may be nothing.
    #[must_use]
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(piece.len() + 64);
        // Everything before is written, or left out.
        let mut done = 0;
        for (at, &byte) in piece.iter().enumerate() {
            if self.is_string {
                self.string(byte);
                continue;
            }
            if byte == b':' {
                if let Some(raw) = self.named() {
                    write(&mut out, piece, done, at + 1);
                    out.extend_from_slice(raw.as_bytes());
                    self.left_out_at = self.depth;
                    done = at + 1;
                }
                continue;
            }
            let ends_value = matches!(byte, b',' | b'}' | b']') && self.left_out_at == self.depth && self.depth > 0;
            if ends_value {
                self.left_out_at = 0;
                done = at;
            }
            if byte == b'}' && self.left_out_at == 0 {
                let missing = self.missing();
                if !missing.is_empty() {
                    write(&mut out, piece, done, at);
                    out.extend_from_slice(missing.as_bytes());
                    done = at;
                }
            }
            self.structure(byte);
        }
        if self.left_out_at == 0 {
            write(&mut out, piece, done, piece.len());
        }
        out
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
        if self.is_name && self.name.len() <= MAX_NAME {
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
            b',' => self.expects_name = self.is_object.get(self.depth).copied().unwrap_or(false),
            b'{' | b'[' => {
                self.depth += 1;
                if let Some(is_object) = self.is_object.get_mut(self.depth) {
                    *is_object = byte == b'{';
                }
                if let Some(has_members) = self.has_members.get_mut(self.depth) {
                    *has_members = false;
                }
                self.expects_name = byte == b'{';
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.expects_name = false;
            }
            _ => {}
        }
    }

    /// A member's name was read, and its value comes: what goes on in the value's place, where that is set.
    fn named(&mut self) -> Option<String> {
        self.expects_name = false;
        if self.left_out_at != 0 || !self.is_object.get(self.depth).copied().unwrap_or(false) {
            return None;
        }
        if let Some(has_members) = self.has_members.get_mut(self.depth) {
            *has_members = true;
        }
        let name = self.name();
        let targets = match self.depth {
            1 => {
                self.is_result = name.as_deref() == Some("result");
                &mut self.message
            }
            2 if self.is_result => &mut self.result,
            _ => return None,
        };
        let name = name?;
        let target =
            targets.iter_mut().find(|target| name == target.name || json::is_variant_of(&name, target.name))?;
        target.is_seen |= name == target.name;
        (target.rule == Rule::Set).then(|| target.raw.clone())
    }

    fn name(&self) -> Option<String> {
        let raw = std::str::from_utf8(&self.name).ok().filter(|raw| raw.len() <= MAX_NAME)?;
        if raw.contains('\\') { json::string(&format!("\"{raw}\"")).map(Into::into) } else { Some(raw.to_owned()) }
    }

    /// The members that the object which ends now should have and has not.
    fn missing(&mut self) -> String {
        let targets = match self.depth {
            1 => &mut self.message,
            2 if self.is_result && self.is_object.get(2) == Some(&true) => &mut self.result,
            _ => return String::new(),
        };
        let mut missing = String::new();
        let mut has_members = self.has_members.get(self.depth).copied().unwrap_or(false);
        for target in targets.iter_mut().filter(|target| !target.is_seen) {
            target.is_seen = true;
            let comma = if std::mem::replace(&mut has_members, true) { "," } else { "" };
            // Writing to a string does not fail.
            let _ = write!(missing, "{comma}\"{}\":{}", target.name, target.raw);
        }
        missing
    }
}

fn write(out: &mut Vec<u8>, piece: &[u8], from: usize, to: usize) {
    out.extend_from_slice(piece.get(from..to).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn rewrite() -> AnswerRewrite {
        let scope = ("cacheScope", "\"private\"".to_owned(), Rule::Set);
        AnswerRewrite::new(Some("\"mine\""), vec![("resultType", "\"complete\"".to_owned(), Rule::Added), scope])
    }

    fn text(pieces: &[&[u8]]) -> String {
        let mut rewrite = rewrite();
        String::from_utf8(pieces.iter().flat_map(|piece| rewrite.push(piece)).collect()).unwrap()
    }

    #[rstest]
    #[case(
        r#"{"id":"up-1","result":{"a":[1]}}"#,
        r#"{"id":"mine","result":{"a":[1],"resultType":"complete","cacheScope":"private"}}"#
    )]
    #[case(
        r#"{"result":{}, "id" : 7 }"#,
        r#"{"result":{"resultType":"complete","cacheScope":"private"}, "id" :"mine"}"#
    )]
    #[case(
        r#"{"result":{"resultType":"task","cacheScope":{"x":[","]}}}"#,
        r#"{"result":{"resultType":"task","cacheScope":"private"},"id":"mine"}"#
    )]
    #[case(
        r#"{"result":{"x":{"id":1,"cacheScope":"public"}},"id":1}"#,
        r#"{"result":{"x":{"id":1,"cacheScope":"public"},"resultType":"complete","cacheScope":"private"},"id":"mine"}"#
    )]
    #[case(r#"{"error":{"id":1},"id":"}\""}"#, r#"{"error":{"id":1},"id":"mine"}"#)]
    #[case(r#"{"result":[{"id":1}],"id":[{}]}"#, r#"{"result":[{"id":1}],"id":"mine"}"#)]
    fn answer_is_rewritten_wherever_it_stands(#[case] message: &str, #[case] expected: &str) {
        assert_eq!(text(&[message.as_bytes()]), expected);
    }

    #[test]
    fn members_in_other_spellings_do_not_stand_beside_ours() {
        let message = r#"{"\u0069d":1,"result":{"cache\u0053cope":"public","CACHESCOPE":"public"}}"#;
        let read: Value = serde_json::from_str(&text(&[message.as_bytes()])).unwrap();
        assert_eq!(read["id"], "mine");
        assert_eq!(read["result"]["cacheScope"], "private");
        assert_eq!(read["result"]["CACHESCOPE"], "private");
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[\\\\\"{}:,\\[\\]a-c]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("(id|result|cacheScope|resultType|[a-c\"]{1,2})", inner, 0..4)
                    .prop_map(|members| members.into_iter().collect::<Value>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn rewriting_is_setting_members_and_does_not_depend_on_the_pieces(result in value(), cuts in prop::collection::vec(0usize..200, 0..4)) {
            let message = json!({"jsonrpc": "2.0", "id": 5, "result": result}).to_string();
            let mut expected: Value = serde_json::from_str(&message).unwrap();
            expected["id"] = json!("mine");
            if let Some(result) = expected["result"].as_object_mut() {
                result.entry("resultType").or_insert(json!("complete"));
                result.insert("cacheScope".to_owned(), json!("private"));
            }
            let mut rest = message.as_bytes();
            let mut pieces = Vec::new();
            for cut in cuts {
                let (left, right) = rest.split_at(cut.min(rest.len()));
                pieces.push(left);
                rest = right;
            }
            pieces.push(rest);
            let read: Value = serde_json::from_str(&text(&pieces)).unwrap();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn rewriting_takes_whatever_comes(bytes in any::<Vec<u8>>()) {
            let _ = rewrite().push(&bytes);
        }
    }
}
