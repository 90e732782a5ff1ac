//! One line of `--calls`.

use std::fmt;

use chrono::{DateTime, Utc};
use ostiary_admission::CallEnd;
use ostiary_policy::Metadata;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A call to be decided.
#[derive(Debug)]
pub(super) struct Line<'l> {
    pub(super) subject: Subject,
    /// The text of `arguments`; `None` for the empty object.
    pub(super) arguments: Option<&'l str>,
    /// Whether anything on the line can be understood in two ways.
    pub(super) is_ambiguous: bool,
    pub(super) facts: Facts,
}

#[derive(Debug)]
pub(super) enum Subject {
    Tool(String),
    Resource(String),
    Prompt(String),
}

/// Everything but what is asked for.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) ends_at: Option<DateTime<Utc>>,
    pub(super) session: Option<String>,
    pub(super) grant: Grant,
    pub(super) client: Client,
    pub(super) server: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) is_approved: bool,
    pub(super) is_shadow: bool,
    pub(super) are_counters_down: bool,
    pub(super) upstream: Option<CallEnd>,
}

#[derive(Debug, Default)]
pub(super) struct Grant {
    pub(super) id: Option<String>,
    pub(super) label: Option<String>,
    pub(super) metadata: Option<Metadata>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
}

/// Why a line is not decided by the policy.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LineError {
    /// It is no call.
    Invalid(&'static str),
    /// What is asked for can be understood in two ways.
    Ambiguous,
}

const SUBJECTS: [&str; 3] = ["tool", "resource", "prompt"];

impl<'l> Line<'l> {
    pub(super) fn read(line: &'l [u8]) -> Result<Self, LineError> {
        let invalid = LineError::Invalid;
        let text = std::str::from_utf8(line).map_err(|_| invalid("the line is not UTF-8"))?;
        let Members(members) = serde_json::from_str(text).map_err(|_| invalid("the line is no JSON object"))?;
        let mut subjects = members.iter().filter(|(name, _)| SUBJECTS.contains(&name.as_str()));
        let Some((kind, name)) = subjects.next() else {
            return Err(invalid("`tool`, `resource` or `prompt` is missing"));
        };
        // Twice the same is the ambiguity that the page speaks of; two different ones are no call at all.
        match subjects.next() {
            None => {}
            Some((other, _)) if other == kind => return Err(LineError::Ambiguous),
            Some(_) => return Err(invalid("a call asks for one thing")),
        }
        if !name.get().starts_with('"') {
            return Err(invalid("what is asked for is named by a string"));
        }
        // The text is a string literal, so only half a surrogate pair can be wrong with it.
        let name: String = serde_json::from_str(name.get()).map_err(|_| LineError::Ambiguous)?;
        let subject = match kind.as_str() {
            "tool" => Subject::Tool(name),
            "resource" => Subject::Resource(name),
            _ => Subject::Prompt(name),
        };
        let is_ambiguous = !ostiary_policy::is_unambiguous_json(text);
        let (mut arguments, mut facts) = (None, Facts::default());
        for (name, value) in members.iter().filter(|(name, _)| !SUBJECTS.contains(&name.as_str())) {
            let read = if name == "arguments" {
                arguments = Some(value.get());
                value.get().starts_with('{').then_some(()).ok_or("`arguments` is an object")
            } else {
                facts.read(name, value)
            };
            // What is ambiguous is denied for that, whatever else is wrong with it.
            if let (Err(reason), false) = (read, is_ambiguous) {
                return Err(invalid(reason));
            }
        }
        Ok(Line { subject, arguments, is_ambiguous, facts })
    }
}

impl Facts {
    fn read(&mut self, name: &str, value: &RawValue) -> Result<(), &'static str> {
        match name {
            "at" => self.at = time(value)?,
            "ends_at" => self.ends_at = time(value)?,
            "session" => self.session = typed(value, "`session` is a string")?,
            "grant" => self.grant = grant(value)?,
            "client" => {
                self.client =
                    typed::<Option<Client>>(value, "`client` has a `name` and a `version`")?.unwrap_or_default();
            }
            "server" => self.server = typed(value, "`server` is a string")?,
            "policy" => self.policy = typed(value, "`policy` is a string")?,
            "approved" => {
                self.is_approved = typed::<Option<bool>>(value, "`approved` is true or false")?.unwrap_or(false);
            }
            "mode" => {
                self.is_shadow = match word(value)?.as_deref() {
                    None | Some("enforce") => false,
                    Some("shadow") => true,
                    Some(_) => return Err("`mode` is `enforce` or `shadow`"),
                }
            }
            "counters" => {
                self.are_counters_down = match word(value)?.as_deref() {
                    None => false,
                    Some("down") => true,
                    Some(_) => return Err("`counters` is `down` or absent"),
                }
            }
            "upstream" => self.upstream = word(value)?.map(|text| upstream(&text)).transpose()?,
            _ => return Err("the line has a member that no call has"),
        }
        Ok(())
    }
}

fn typed<'l, T: Deserialize<'l>>(value: &'l RawValue, expected: &'static str) -> Result<T, &'static str> {
    serde_json::from_str(value.get()).map_err(|_| expected)
}

fn word(value: &RawValue) -> Result<Option<String>, &'static str> {
    typed(value, "`mode`, `counters` and `upstream` are strings")
}

fn time(value: &RawValue) -> Result<Option<DateTime<Utc>>, &'static str> {
    let expected = "`at` and `ends_at` are RFC 3339 times";
    let Some(text) = typed::<Option<String>>(value, expected)? else { return Ok(None) };
    let time = DateTime::parse_from_rfc3339(&text).map_err(|_| expected)?;
    // The clock counts whole milliseconds.
    DateTime::from_timestamp_millis(time.timestamp_millis()).map(Some).ok_or(expected)
}

fn grant(value: &RawValue) -> Result<Grant, &'static str> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written<'l> {
        id: Option<String>,
        label: Option<String>,
        #[serde(borrow)]
        metadata: Option<&'l RawValue>,
    }
    let Some(written) = typed::<Option<Written<'_>>>(value, "`grant` has an `id`, a `label` and `metadata`")? else {
        return Ok(Grant::default());
    };
    let metadata =
        written.metadata.filter(|metadata| metadata.get() != "null").map(|metadata| Metadata::parse(metadata.get()));
    let metadata = metadata.transpose().map_err(|_| "`metadata` is an object")?;
    Ok(Grant { id: written.id, label: written.label, metadata })
}

fn upstream(text: &str) -> Result<CallEnd, &'static str> {
    let expected = "`upstream` is `ok`, `unreachable`, `timeout`, `tool_error`, `http 429` or `rpc -32601`";
    match text {
        "ok" | "timeout" | "tool_error" => Ok(CallEnd::Other),
        "unreachable" => Ok(CallEnd::Unreachable),
        _ => match text.split_once(' ') {
            Some(("http", status)) => status.parse().map(CallEnd::Http).map_err(|_| expected),
            Some(("rpc", code)) => code.parse().map(CallEnd::Rpc).map_err(|_| expected),
            _ => Err(expected),
        },
    }
}

/// The members of an object as written, duplicates included.
struct Members<'l>(Vec<(String, &'l RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    members.push((name, map.next_value::<&RawValue>()?));
                }
                Ok(Members(members))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
                Err(de::Error::custom("an array is no call"))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
