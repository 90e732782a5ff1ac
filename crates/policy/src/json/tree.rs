//! A JSON value in one flat list of nodes: one allocation for structure, strings borrowed where they have no escapes,
//! and nothing to recurse over when it is dropped.

use std::borrow::Cow;

use super::scan::{Ambiguity, Container, Sink, SyntaxError, scan, unescape_lossy};

/// A parsed JSON text.
#[derive(Debug, Clone)]
pub(crate) struct Tree<'a> {
    entries: Vec<Entry<'a>>,
    ambiguities: Vec<Ambiguity>,
}

#[derive(Debug, Clone)]
struct Entry<'a> {
    /// Byte offset in the text.
    at: usize,
    node: Node<'a>,
}

/// Children follow their container; a member is its name and then its value.
#[derive(Debug, Clone)]
enum Node<'a> {
    Null,
    Bool(bool),
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
    Key(Cow<'a, str>),
    /// `end` is the index behind the last descendant.
    Container {
        container: Container,
        end: usize,
    },
}

impl<'a> Tree<'a> {
    /// Reads a whole text and notes every ambiguity on the way.
    pub(crate) fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let mut builder =
            Builder { tree: Tree { entries: Vec::new(), ambiguities: Vec::new() }, open: Vec::new(), is_strict: false };
        scan(text, &mut builder)?;
        Ok(builder.tree)
    }

    /// Reads a text that nobody may misunderstand; `None` for one that is ambiguous or no JSON.
    pub(crate) fn parse_unambiguous(text: &'a str) -> Option<Self> {
        let mut builder =
            Builder { tree: Tree { entries: Vec::new(), ambiguities: Vec::new() }, open: Vec::new(), is_strict: true };
        scan(text, &mut builder).ok()?;
        builder.tree.ambiguities.is_empty().then_some(builder.tree)
    }

    /// An object without members.
    pub(crate) fn empty_object() -> Self {
        let node = Node::Container { container: Container::Object, end: 1 };
        Tree { entries: vec![Entry { at: 0, node }], ambiguities: Vec::new() }
    }

    pub(crate) fn into_owned(self) -> Tree<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        let entries = self.entries.into_iter().map(|entry| Entry {
            at: entry.at,
            node: match entry.node {
                Node::Null => Node::Null,
                Node::Bool(value) => Node::Bool(value),
                Node::Number(text) => Node::Number(own(text)),
                Node::String(text) => Node::String(own(text)),
                Node::Key(text) => Node::Key(own(text)),
                Node::Container { container, end } => Node::Container { container, end },
            },
        });
        Tree { entries: entries.collect(), ambiguities: self.ambiguities }
    }

    pub(crate) fn ambiguities(&self) -> &[Ambiguity] {
        &self.ambiguities
    }

    pub(crate) fn root(&self) -> View<'_> {
        View { entries: &self.entries, index: 0 }
    }

    /// Every ambiguity with the JSON Pointer of the member or element concerned, in the order of the text. One pass,
    /// whatever their number; below [`POINTER_DEPTH`] the pointer names the member that holds the place.
    pub(crate) fn located_ambiguities(&self) -> Vec<(Ambiguity, String)> {
        let mut found = self.ambiguities.clone();
        found.sort_by_key(|one| one.at);
        let mut waiting = found.into_iter().peekable();
        let mut located = Vec::new();
        let mut way: Vec<Level<'_>> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            while way.last().is_some_and(|level| level.end <= index) {
                way.pop();
            }
            if let Some(level) = way.last_mut() {
                level.step(&entry.node);
            }
            while let Some(one) = waiting.next_if(|one| one.at <= entry.at) {
                located.push((one, pointer(&way)));
            }
            if let Node::Container { end, .. } = entry.node {
                way.push(Level { end, token: Token::None });
            }
        }
        located
    }
}

/// How many tokens a pointer to an ambiguity has at most. Documents are nested less deep, and pointers into a text that
/// is nothing but nesting would be as long as the text.
const POINTER_DEPTH: usize = 128;

/// A container on the way to an entry, and which of its children the way goes through.
struct Level<'t> {
    end: usize,
    token: Token<'t>,
}

enum Token<'t> {
    None,
    Name(&'t str),
    Index(usize),
}

impl<'t> Level<'t> {
    /// Goes on to the next child. A member's name and its value are one.
    fn step(&mut self, child: &'t Node<'_>) {
        self.token = match (&self.token, child) {
            (_, Node::Key(name)) => Token::Name(name),
            (Token::Name(name), _) => Token::Name(name),
            (Token::None, _) => Token::Index(0),
            (Token::Index(index), _) => Token::Index(index.saturating_add(1)),
        };
    }
}

fn pointer(way: &[Level<'_>]) -> String {
    let mut pointer = String::new();
    for level in way.iter().take(POINTER_DEPTH) {
        match level.token {
            Token::None => {}
            Token::Name(name) => crate::decision::push_token(&mut pointer, name),
            Token::Index(index) => crate::decision::push_token(&mut pointer, &index.to_string()),
        }
    }
    pointer
}

struct Builder<'a> {
    tree: Tree<'a>,
    open: Vec<usize>,
    /// Whether the first ambiguity ends the scan.
    is_strict: bool,
}

impl<'a> Builder<'a> {
    fn push(&mut self, at: usize, node: Node<'a>) {
        self.tree.entries.push(Entry { at, node });
    }
}

impl<'a> Sink<'a> for Builder<'a> {
    fn null(&mut self, at: usize) {
        self.push(at, Node::Null);
    }

    fn bool(&mut self, at: usize, value: bool) {
        self.push(at, Node::Bool(value));
    }

    fn number(&mut self, at: usize, text: &'a str) {
        self.push(at, Node::Number(Cow::Borrowed(text)));
    }

    fn string(&mut self, at: usize, text: &'a str, has_escapes: bool) {
        let text = if has_escapes { Cow::Owned(unescape_lossy(text)) } else { Cow::Borrowed(text) };
        self.push(at, Node::String(text));
    }

    fn key(&mut self, at: usize, name: Cow<'a, str>) {
        self.push(at, Node::Key(name));
    }

    fn open(&mut self, at: usize, container: Container) {
        self.open.push(self.tree.entries.len());
        self.push(at, Node::Container { container, end: 0 });
    }

    fn close(&mut self) {
        let behind = self.tree.entries.len();
        let entry = self.open.pop().and_then(|index| self.tree.entries.get_mut(index));
        if let Some(Entry { node: Node::Container { end, .. }, .. }) = entry {
            *end = behind;
        }
    }

    fn ambiguity(&mut self, found: Ambiguity) -> bool {
        self.tree.ambiguities.push(found);
        !self.is_strict
    }
}

/// One value of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'t> {
    entries: &'t [Entry<'t>],
    index: usize,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind<'t> {
    Null,
    Bool(bool),
    /// The decimal as it is written.
    Number(&'t str),
    String(&'t str),
    Array(Items<'t>),
    Object(Members<'t>),
}

impl<'t> View<'t> {
    pub(crate) fn kind(self) -> Kind<'t> {
        match self.entries.get(self.index).map(|entry| &entry.node) {
            None | Some(Node::Null) => Kind::Null,
            Some(Node::Bool(value)) => Kind::Bool(*value),
            Some(Node::Number(text)) => Kind::Number(text),
            Some(Node::String(text) | Node::Key(text)) => Kind::String(text),
            Some(Node::Container { container, end }) => {
                let children = Items { entries: self.entries, next: self.index.saturating_add(1), end: *end };
                match container {
                    Container::Array => Kind::Array(children),
                    Container::Object => Kind::Object(Members(children)),
                }
            }
        }
    }

    /// Byte offset in the text that was parsed.
    pub(crate) fn at(self) -> usize {
        self.entries.get(self.index).map_or(0, |entry| entry.at)
    }

    pub(crate) fn as_str(self) -> Option<&'t str> {
        match self.kind() {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The member of an object; the first one where there are two.
    pub(crate) fn member(self, name: &str) -> Option<View<'t>> {
        match self.kind() {
            Kind::Object(mut members) => members.find(|(key, _)| *key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether containers stand in one another more than `most` deep.
    pub(crate) fn is_deeper_than(self, most: usize) -> bool {
        let mut ends: Vec<usize> = Vec::new();
        for index in self.index..self.behind() {
            while ends.last().is_some_and(|end| *end <= index) {
                ends.pop();
            }
            if let Some(Node::Container { end, .. }) = self.entries.get(index).map(|entry| &entry.node) {
                ends.push(*end);
                if ends.len() > most {
                    return true;
                }
            }
        }
        false
    }

    /// The value again as JSON without blanks, numbers as they were written. Calls itself: not for values of any depth.
    pub(crate) fn to_compact_json(self) -> String {
        match self.kind() {
            Kind::Null => String::from("null"),
            Kind::Bool(value) => value.to_string(),
            Kind::Number(text) => text.to_owned(),
            Kind::String(text) => serde_json::Value::from(text).to_string(),
            Kind::Array(items) => {
                let items: Vec<String> = items.map(View::to_compact_json).collect();
                format!("[{}]", items.join(","))
            }
            Kind::Object(members) => {
                let member = |(name, value): (&str, View<'_>)| {
                    format!("{}:{}", serde_json::Value::from(name), value.to_compact_json())
                };
                let members: Vec<String> = members.map(member).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    fn behind(self) -> usize {
        match self.entries.get(self.index).map(|entry| &entry.node) {
            Some(Node::Container { end, .. }) => *end,
            _ => self.index.saturating_add(1),
        }
    }
}

/// The elements of an array.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Items<'t> {
    entries: &'t [Entry<'t>],
    next: usize,
    end: usize,
}

impl<'t> Iterator for Items<'t> {
    type Item = View<'t>;

    fn next(&mut self) -> Option<View<'t>> {
        if self.next >= self.end {
            return None;
        }
        let view = View { entries: self.entries, index: self.next };
        self.next = view.behind();
        Some(view)
    }
}

/// The members of an object, as written, duplicates included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Members<'t>(Items<'t>);

impl<'t> Iterator for Members<'t> {
    type Item = (&'t str, View<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.0.next()?;
        let value = self.0.next()?;
        Some((key.as_str().unwrap_or_default(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_of_nested_values_finds_members_and_items() {
        let tree = Tree::parse(r#"{"a":[1,{"b":"x\n"}],"c":null}"#).unwrap();
        let Kind::Array(mut items) = tree.root().member("a").unwrap().kind() else { panic!("no array") };
        assert!(matches!(items.next().unwrap().kind(), Kind::Number("1")));
        assert_eq!(items.next().unwrap().member("b").unwrap().as_str(), Some("x\n"));
        assert!(items.next().is_none());
        assert!(matches!(tree.root().member("c").unwrap().kind(), Kind::Null));
    }

    #[test]
    fn pointer_of_an_ambiguity_names_the_member() {
        let tree = Tree::parse(r#"{"a/b":[0,{"x":1,"x":2}],"n":[1e999]}"#).unwrap();
        let pointers: Vec<String> = tree.located_ambiguities().into_iter().map(|(_, pointer)| pointer).collect();
        assert_eq!(pointers, ["/a~1b/1/x", "/n/0"]);
    }
}
