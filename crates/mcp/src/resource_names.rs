//! Resources in answers, under the names of the account's endpoint.
//!
//! An answer may be larger than anything that is kept, so it is read piece by piece and nothing of it is held back: the
//! new name of a resource is its own behind a few bytes more.

use crate::prefix::resource_prefix;

/// Longest name of a member that matters here.
const NAME_MAX_BYTES: usize = 8;

/// What an object or array is, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Message,
    Result,
    /// The list of what was read.
    Contents,
    /// A resource: it has a `uri`.
    Resource,
    /// A list of blocks of content.
    Blocks,
    /// A block of content: a link to a resource has a `uri`, one that holds a resource has a `resource`.
    Block,
    /// The list of a prompt's messages.
    Prompt,
    /// A message of a prompt.
    PromptMessage,
}

/// Reads a message and gives it back with the names of the account's endpoint: resources that were read, and those that
/// the content of a tool or prompt holds or links to.
///
/// It takes for granted that the message is JSON: what is none is found out by whoever reads it.
#[derive(Debug)]
pub struct ResourceNames {
    prefix: String,
    /// The objects and arrays around the next byte, outermost first, as far as they matter.
    places: Vec<Place>,
    /// How deep the next byte is in what does not matter.
    beside: usize,
    is_string: bool,
    is_escaped: bool,
    /// A string that comes now is a member's name.
    expects_name: bool,
    is_name: bool,
    name: Vec<u8>,
}

impl ResourceNames {
    /// Names of the resources of a server.
    #[must_use]
    pub fn of(server: &str) -> Self {
        Self {
            prefix: resource_prefix(server),
            places: Vec::new(),
            beside: 0,
            is_string: false,
            is_escaped: false,
            expects_name: false,
            is_name: false,
            name: Vec::new(),
        }
    }

    /// Reads the next piece; `None` when it stays as it is.
    pub fn push(&mut self, piece: &[u8]) -> Option<Vec<u8>> {
        let mut out: Option<Vec<u8>> = None;
        let mut kept = 0;
        for (at, &byte) in piece.iter().enumerate() {
            if self.is_string {
                self.string(byte);
            } else if self.structure(byte) {
                let (before, _) = piece.split_at_checked(at + 1)?;
                let out = out.get_or_insert_default();
                out.extend_from_slice(before.get(kept..)?);
                out.extend_from_slice(self.prefix.as_bytes());
                kept = at + 1;
            }
        }
        if let Some(out) = &mut out {
            out.extend_from_slice(piece.get(kept..)?);
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
        // A name that is written with escapes, or is longer, is none of those that matter.
        if self.is_name && self.name.len() <= NAME_MAX_BYTES {
            self.name.push(byte);
        }
    }

    /// Reads a byte outside of strings; true when a URI begins behind it.
    fn structure(&mut self, byte: u8) -> bool {
        match byte {
            b'"' => {
                self.is_string = true;
                self.is_name = self.expects_name && self.beside == 0;
                if self.is_name {
                    self.name.clear();
                    return false;
                }
                return self.is_uri();
            }
            b':' => self.expects_name = false,
            b',' => self.expects_name = self.is_in_object(),
            b'{' | b'[' => {
                match self.inner(byte == b'{').filter(|_| self.beside == 0) {
                    Some(place) => self.places.push(place),
                    None => self.beside += 1,
                }
                self.name.clear();
                self.expects_name = byte == b'{';
            }
            b'}' | b']' => {
                if self.beside > 0 {
                    self.beside -= 1;
                } else {
                    self.places.pop();
                }
                self.name.clear();
                self.expects_name = false;
            }
            _ => {}
        }
        false
    }

    fn is_uri(&self) -> bool {
        let holds_uri = matches!(self.places.last(), Some(Place::Resource | Place::Block));
        self.beside == 0 && holds_uri && !self.expects_name && self.name == b"uri"
    }

    fn is_in_object(&self) -> bool {
        // Names beside do not matter.
        let is_object = |place: &Place| !matches!(place, Place::Contents | Place::Blocks | Place::Prompt);
        self.beside == 0 && self.places.last().is_some_and(is_object)
    }

    /// What an object or array is that begins here.
    fn inner(&self, is_object: bool) -> Option<Place> {
        match (self.places.last(), self.name.as_slice(), is_object) {
            (None, _, true) => Some(Place::Message),
            (Some(Place::Message), b"result", true) => Some(Place::Result),
            (Some(Place::Result), b"contents", false) => Some(Place::Contents),
            (Some(Place::Result) | Some(Place::PromptMessage), b"content", false) => Some(Place::Blocks),
            (Some(Place::Result), b"messages", false) => Some(Place::Prompt),
            (Some(Place::Contents), _, true) | (Some(Place::Block), b"resource", true) => Some(Place::Resource),
            (Some(Place::Blocks), _, true) | (Some(Place::PromptMessage), b"content", true) => Some(Place::Block),
            (Some(Place::Prompt), _, true) => Some(Place::PromptMessage),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn named(pieces: &[&[u8]]) -> Vec<u8> {
        let mut names = ResourceNames::of("s");
        pieces.iter().flat_map(|piece| names.push(piece).unwrap_or_else(|| piece.to_vec())).collect()
    }

    fn message() -> Value {
        json!({"jsonrpc": "2.0", "id": 1, "uri": "m:1", "result": {
            "uri": "m:2",
            "contents": [{"uri": "file:///a", "text": "\"uri\":\"x\""}, {"text": "t", "_meta": {"uri": "m:3"}, "uri": "b:"}],
            "content": [{"type": "text", "text": "uri"}, {"type": "resource_link", "uri": "x:y", "name": "uri"},
                {"resource": {"uri": "x:z", "text": "{\"resource\":{\"uri\":\"no\"}}"}, "type": "resource"},
                {"type": "x", "x": {"uri": "m:4"}, "annotations": [{"uri": "m:5"}]}],
            "structuredContent": {"content": [{"uri": "m:6"}], "uri": "m:7"},
            "messages": [{"role": "user", "content": {"type": "resource", "resource": {"uri": "x:m"}}},
                {"content": [{"type": "resource_link", "uri": "x:n"}, "uri"]}]}})
    }

    fn expected() -> Value {
        let text = message().to_string();
        let text = ["file:///a", "b:", "x:y", "x:z", "x:m", "x:n"].iter().fold(text, |text, uri| {
            text.replace(&format!("\"uri\":\"{uri}\""), &format!("\"uri\":\"ostiary+s:{uri}\""))
        });
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn push_names_what_was_read_held_and_linked_and_nothing_else() {
        let named: Value = serde_json::from_slice(&named(&[message().to_string().as_bytes()])).unwrap();
        assert_eq!(named, expected());
        assert_eq!(ResourceNames::of("s").push(br#"{"result":{"content":[{"type":"text","text":"uri"}]}}"#), None);
    }

    #[test]
    fn push_keeps_every_other_byte() {
        let message = br#" { "result" : {"contents": [ {"text":"\\\"","uri" : "a:\u0062"} ] , "x": 1.0 } }"#;
        assert_eq!(
            String::from_utf8(named(&[message])).unwrap(),
            r#" { "result" : {"contents": [ {"text":"\\\"","uri" : "ostiary+s:a:\u0062"} ] , "x": 1.0 } }"#
        );
    }

    proptest! {
        #[test]
        fn push_does_not_depend_on_the_pieces(cuts in proptest::collection::vec(0usize..900, 0..6)) {
            let text = serde_json::to_string_pretty(&message()).unwrap();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let (mut pieces, mut from) = (Vec::new(), 0);
            for cut in cuts.into_iter().chain([text.len()]) {
                pieces.push(&text.as_bytes()[from..cut]);
                from = cut;
            }
            let named: Value = serde_json::from_slice(&named(&pieces)).unwrap();
            prop_assert_eq!(named, expected());
        }

        #[test]
        fn push_of_any_bytes_returns(bytes in any::<Vec<u8>>()) {
            let _ = named(&[&bytes, message().to_string().as_bytes()]);
        }
    }
}
