//! Text to document: everything that is wrong is found in one go.

mod comparison;
mod limit;
mod place;
mod rule_set;

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono_tz::Tz;

use crate::diagnostic::{Diagnostic, DiagnosticCode, Positions, Severity};
use crate::document::{AccessList, Align, DefaultAction, Document, Version, Zone};
use crate::facts::Category;
use crate::json::{AmbiguityKind, Kind, Tree};
use crate::pattern::Pattern;
use place::Place;

/// Largest document, in bytes.
const MAX_DOCUMENT_BYTES: usize = 256 * 1024;
/// Longest description, in characters.
const MAX_DESCRIPTION_CHARS: usize = 1000;

/// Reads and checks a policy document.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text. Nothing is ignored: an unknown member is an error.
pub fn parse(text: &str) -> Result<Document, Vec<Diagnostic>> {
    if text.len() > MAX_DOCUMENT_BYTES {
        let message = format!("the document has {} bytes; at most {MAX_DOCUMENT_BYTES} are read", text.len());
        return Err(in_order(text, vec![(0, diagnostic(DiagnosticCode::TooLarge, String::new(), message))]));
    }
    let tree = Tree::parse(text).map_err(|error| {
        let found = diagnostic(DiagnosticCode::InvalidJson, String::new(), error.to_string());
        in_order(text, vec![(error.at, found)])
    })?;
    let mut reader = Reader { errors: Vec::new(), windows: Vec::new() };
    for (found, pointer) in tree.located_ambiguities() {
        let (code, message) = match found.kind {
            AmbiguityKind::Duplicate => (DiagnosticCode::DuplicateMember, "the member is there twice"),
            AmbiguityKind::Number => (DiagnosticCode::InvalidValue, "the number is out of range"),
            AmbiguityKind::Surrogate => (DiagnosticCode::InvalidValue, "the string has half a surrogate pair"),
        };
        reader.errors.push((found.at, diagnostic(code, pointer, message.to_owned())));
    }
    let document = reader.document(&Place::root(tree.root()));
    reader.check_alignments();
    match document {
        Some(document) if reader.errors.is_empty() => Ok(document),
        _ => Err(in_order(text, reader.errors)),
    }
}

/// An error whose place in the text is told later, when all are known.
fn diagnostic(code: DiagnosticCode, pointer: String, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Error, code, pointer, message, position: None }
}

/// Errors with their places, in the order of the text.
fn in_order(text: &str, mut errors: Vec<(usize, Diagnostic)>) -> Vec<Diagnostic> {
    errors.sort_by_key(|(at, _)| *at);
    let mut positions = Positions::of(text);
    let errors = errors.into_iter();
    errors.map(|(at, found)| Diagnostic { position: Some(positions.at(at)), ..found }).collect()
}

/// Collects what is wrong. Its methods return what could be read, or `None` after having reported why not.
struct Reader {
    /// With the byte offset, to sort by.
    errors: Vec<(usize, Diagnostic)>,
    windows: Vec<SeenWindow>,
}

/// A limit's counter and window, to find those with two alignments.
struct SeenWindow {
    counter: String,
    seconds: u64,
    align: Align,
    pointer: String,
    at: usize,
}

impl<'t> Reader {
    fn error(&mut self, place: &Place<'_, 't>, code: DiagnosticCode, message: impl Into<String>) {
        let at = place.view.at();
        self.errors.push((at, diagnostic(code, place.pointer(), message.into())));
    }

    fn invalid(&mut self, place: &Place<'_, 't>, message: impl Into<String>) {
        self.error(place, DiagnosticCode::InvalidValue, message);
    }

    fn wrong_type(&mut self, place: &Place<'_, 't>, expected: &str) {
        self.error(place, DiagnosticCode::WrongType, format!("{expected} is expected here"));
    }

    /// Checks that a value is an object with known members only.
    fn object(&mut self, place: &Place<'_, 't>, known: &[&str]) -> Option<()> {
        let Kind::Object(members) = place.view.kind() else {
            self.wrong_type(place, "an object");
            return None;
        };
        for (name, value) in members {
            if !known.contains(&name) {
                let message = format!("`{}` is no member of this object", shortened(name));
                self.error(&place.member(name, value), DiagnosticCode::UnknownMember, message);
            }
        }
        Some(())
    }

    fn required<'p>(&mut self, place: &'p Place<'p, 't>, name: &'static str) -> Option<Place<'p, 't>> {
        let member = place.get(name);
        if member.is_none() {
            self.error(place, DiagnosticCode::MissingMember, format!("`{name}` is missing"));
        }
        member
    }

    fn string(&mut self, place: &Place<'_, 't>) -> Option<&'t str> {
        let text = place.view.as_str();
        if text.is_none() {
            self.wrong_type(place, "a string");
        }
        text
    }

    fn boolean(&mut self, place: &Place<'_, 't>) -> Option<bool> {
        match place.view.kind() {
            Kind::Bool(value) => Some(value),
            _ => {
                self.wrong_type(place, "true or false");
                None
            }
        }
    }

    /// A string that must be one of a few words.
    fn word<T>(&mut self, place: &Place<'_, 't>, words: &[(&'static str, T)]) -> Option<T>
    where
        T: Copy,
    {
        let text = self.string(place)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.invalid(place, format!("one of {} is expected here", words.join(", ")));
        }
        found
    }

    /// Reads each element of an array; those that cannot be read are reported and left out.
    fn list<T>(
        &mut self,
        place: &Place<'_, 't>,
        mut read: impl FnMut(&mut Self, &Place<'_, 't>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Kind::Array(items) = place.view.kind() else {
            self.wrong_type(place, "an array");
            return None;
        };
        Some(items.enumerate().filter_map(|(index, item)| read(self, &place.item(index, item))).collect())
    }

    fn document(&mut self, place: &Place<'_, 't>) -> Option<Document> {
        const MEMBERS: &[&str] = &[
            "version",
            "description",
            "default",
            "timezone",
            "validate_arguments",
            "hide",
            "all_tools",
            "categories",
            "tools",
            "resources",
            "prompts",
        ];
        self.object(place, MEMBERS)?;
        let version = self.required(place, "version").and_then(|place| self.version(&place));
        let default = self.required(place, "default").and_then(|place| self.default_action(&place));
        let document = Document {
            version: Version::V1,
            description: place.get("description").and_then(|place| self.description(&place)),
            default: default.unwrap_or(DefaultAction::Deny),
            timezone: place.get("timezone").and_then(|place| self.zone(&place)),
            validate_arguments: place.get("validate_arguments").and_then(|place| self.boolean(&place)),
            hide: place.get("hide").and_then(|place| self.list(&place, Self::pattern)),
            all_tools: place.get("all_tools").and_then(|place| self.rule_set(&place)),
            categories: place.get("categories").and_then(|place| self.categories(&place)),
            tools: place.get("tools").and_then(|place| self.tools(&place)),
            resources: place.get("resources").and_then(|place| self.access_list(&place)),
            prompts: place.get("prompts").and_then(|place| self.access_list(&place)),
        };
        version.map(|version| Document { version, ..document })
    }

    fn version(&mut self, place: &Place<'_, 't>) -> Option<Version> {
        match self.string(place)? {
            "1" => Some(Version::V1),
            _ => {
                self.error(place, DiagnosticCode::UnsupportedVersion, "only version `1` is known");
                None
            }
        }
    }

    fn default_action(&mut self, place: &Place<'_, 't>) -> Option<DefaultAction> {
        self.word(place, &[("allow", DefaultAction::Allow), ("deny", DefaultAction::Deny)])
    }

    fn description(&mut self, place: &Place<'_, 't>) -> Option<String> {
        let text = self.string(place)?;
        if text.chars().count() > MAX_DESCRIPTION_CHARS {
            self.invalid(place, format!("a description has at most {MAX_DESCRIPTION_CHARS} characters"));
        }
        Some(text.to_owned())
    }

    fn zone(&mut self, place: &Place<'_, 't>) -> Option<Zone> {
        let zone = Tz::from_str(self.string(place)?).ok();
        if zone.is_none() {
            self.invalid(place, "no such time zone; IANA names such as `Europe/Berlin` are known");
        }
        zone.map(Zone)
    }

    fn pattern(&mut self, place: &Place<'_, 't>) -> Option<Pattern> {
        let pattern = Pattern::parse(self.string(place)?);
        if pattern.is_none() {
            self.invalid(place, "a pattern is not empty");
        }
        pattern
    }

    fn categories(&mut self, place: &Place<'_, 't>) -> Option<BTreeMap<Category, crate::document::RuleSet>> {
        let known: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
        self.object(place, &known)?;
        let mut categories = BTreeMap::new();
        for category in Category::ALL {
            if let Some(rule_set) = place.get(category.as_str()).and_then(|place| self.rule_set(&place)) {
                categories.insert(*category, rule_set);
            }
        }
        Some(categories)
    }

    fn tools(&mut self, place: &Place<'_, 't>) -> Option<BTreeMap<Pattern, crate::document::RuleSet>> {
        let Kind::Object(members) = place.view.kind() else {
            self.wrong_type(place, "an object");
            return None;
        };
        let mut tools = BTreeMap::new();
        for (name, value) in members {
            let place = place.member(name, value);
            let rule_set = self.rule_set(&place);
            match Pattern::parse(name) {
                Some(pattern) => drop(rule_set.map(|rule_set| tools.insert(pattern, rule_set))),
                None => self.invalid(&place, "a pattern is not empty"),
            }
        }
        Some(tools)
    }

    fn access_list(&mut self, place: &Place<'_, 't>) -> Option<AccessList> {
        self.object(place, &["default", "allow", "deny"])?;
        Some(AccessList {
            default: place.get("default").and_then(|place| self.default_action(&place)),
            allow: place.get("allow").and_then(|place| self.list(&place, Self::pattern)),
            deny: place.get("deny").and_then(|place| self.list(&place, Self::pattern)),
        })
    }

    /// A counter with one window and two alignments is two counters, which nobody means.
    fn check_alignments(&mut self) {
        let mut aligns: BTreeMap<(&str, u64), (bool, bool)> = BTreeMap::new();
        for seen in &self.windows {
            let (sliding, calendar) = aligns.entry((&seen.counter, seen.seconds)).or_default();
            *sliding |= seen.align == Align::Sliding;
            *calendar |= seen.align == Align::Calendar;
        }
        let conflicts: Vec<(usize, Diagnostic)> = self
            .windows
            .iter()
            .filter(|seen| aligns.get(&(seen.counter.as_str(), seen.seconds)) == Some(&(true, true)))
            .map(|seen| {
                let message = format!("the counter `{}` has this window with two alignments", seen.counter);
                (seen.at, diagnostic(DiagnosticCode::AlignConflict, seen.pointer.clone(), message))
            })
            .collect();
        self.errors.extend(conflicts);
    }
}

/// A name for a message, cut where it is too long to be read.
fn shortened(name: &str) -> String {
    const CHARS: usize = 60;
    let mut text: String = name.chars().take(CHARS).collect();
    if text.len() < name.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_above_the_limit_is_refused_unread() {
        let text = format!("{{\"version\":\"1\",\"default\":\"deny\"}}{}", " ".repeat(MAX_DOCUMENT_BYTES));
        let errors = parse(&text).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [DiagnosticCode::TooLarge]);
    }

    #[test]
    fn document_of_nothing_but_errors_is_read_in_one_pass() {
        let twice = format!("{{{}}}", vec!["\"a\":1"; 40_000].join(","));
        let errors = parse(&twice).unwrap_err();
        assert_eq!(errors.iter().filter(|error| error.code == DiagnosticCode::DuplicateMember).count(), 39_999);
        let deep = format!("{}1{}", "{\"a\":1,\"a\":".repeat(20_000), "}".repeat(20_000));
        let longest = parse(&deep).unwrap_err().iter().map(|error| error.pointer.len()).max();
        assert_eq!(longest, Some("/a".len() * 128));
    }

    #[test]
    fn errors_have_positions_and_stand_in_the_order_of_the_text() {
        let errors = parse("{\n  \"version\": \"2\",\n  \"défaut\": 1, \"default\": 5\n}").unwrap_err();
        let found: Vec<(usize, usize)> =
            errors.iter().filter_map(|error| error.position).map(|at| (at.line, at.column)).collect();
        assert_eq!(found, [(2, 14), (3, 13), (3, 27)]);
    }
}
