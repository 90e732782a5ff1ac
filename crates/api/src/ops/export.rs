//! Lists as lines of a file.

use std::str::FromStr;

use utoipa::IntoParams;

use crate::dto::audit::AuditEvent;
use crate::dto::decision::Decision;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// RFC 4180, with a head line.
    Csv,
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "jsonl" => Ok(Self::Jsonl),
            "csv" => Ok(Self::Csv),
            _ => Err(()),
        }
    }
}

impl Format {
    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// How to write it. Read by name; this is its documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents parameters that are read by name")]
pub(crate) struct FormatParam {
    /// `jsonl`, one item a line, or `csv` with a head line; `jsonl` when it is left out.
    #[param(example = "jsonl")]
    format: Option<String>,
}

/// Something that exports have one line for each of.
pub trait Line: serde::Serialize {
    /// The names of the columns of the CSV form.
    const COLUMNS: &'static [&'static str];

    /// The fields of the CSV form.
    fn fields(&self) -> Vec<String>;
}

impl Line for Decision {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "time",
        "server_id",
        "server_slug",
        "grant_id",
        "grant_label",
        "session",
        "client_name",
        "client_version",
        "protocol_version",
        "method",
        "target",
        "category",
        "policy_id",
        "policy_version",
        "mode",
        "outcome",
        "code",
        "rule",
        "message",
        "argument_names",
        "argument_hash",
        "trace_id",
        "bytes_in",
        "gateway_us",
        "result",
        "upstream_status",
        "bytes_out",
        "upstream_ms",
    ];

    fn fields(&self) -> Vec<String> {
        let ending = self.ending.as_ref();
        vec![
            self.id.to_string(),
            self.time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            self.server_id.to_string(),
            self.server_slug.clone(),
            self.grant_id.to_string(),
            self.grant_label.clone(),
            text(self.session.as_ref()),
            text(self.client_name.as_ref()),
            text(self.client_version.as_ref()),
            text(self.protocol_version.as_ref()),
            self.method.clone(),
            text(self.target.as_ref()),
            text(self.category.as_ref()),
            text(self.policy_id.as_ref()),
            text(self.policy_version.as_ref()),
            self.mode.to_string(),
            self.outcome.to_string(),
            text(self.code.as_ref()),
            text(self.rule.as_ref()),
            text(self.message.as_ref()),
            self.argument_names.join(" "),
            text(self.argument_hash.as_ref()),
            text(self.trace_id.as_ref()),
            self.bytes_in.to_string(),
            self.gateway_us.to_string(),
            text(ending.map(|ending| &ending.result)),
            text(ending.and_then(|ending| ending.upstream_status.as_ref())),
            text(ending.map(|ending| &ending.bytes_out)),
            text(ending.map(|ending| &ending.upstream_ms)),
        ]
    }
}

impl Line for AuditEvent {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "number",
        "time",
        "actor_kind",
        "actor_id",
        "actor_name",
        "action",
        "object_kind",
        "object_id",
        "before",
        "after",
        "previous_hash",
        "hash",
    ];

    fn fields(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.number.to_string(),
            self.time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            self.actor.kind.to_string(),
            text(self.actor.id.as_ref()),
            self.actor.name.clone(),
            self.action.to_string(),
            self.object.kind.to_string(),
            self.object.id.clone(),
            text(self.before.as_ref()),
            text(self.after.as_ref()),
            self.previous_hash.clone(),
            self.hash.clone(),
        ]
    }
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// Writes a page of an export; the head line, if the form has one, comes before the first.
pub fn write<T: Line>(items: impl Iterator<Item = T>, format: Format, is_first: bool, out: &mut Vec<u8>) {
    if is_first && format == Format::Csv {
        write_line(T::COLUMNS.iter().copied(), out);
    }
    for item in items {
        match format {
            // Writing to memory does not fail, and what goes over the wire always serialises.
            Format::Jsonl => drop(serde_json::to_writer(&mut *out, &item).map(|()| out.push(b'\n'))),
            Format::Csv => write_line(item.fields().iter().map(String::as_str), out),
        }
    }
}

/// One line of CSV (RFC 4180).
fn write_line<'a>(fields: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_field(field, out);
    }
    out.extend_from_slice(b"\r\n");
}

fn write_field(field: &str, out: &mut Vec<u8>) {
    // SECURITY: names come from clients; a spreadsheet must not take one for a formula.
    // Some take the wide forms of the signs, too.
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if !is_formula && !field.contains([',', '"', '\r', '\n']) {
        out.extend_from_slice(field.as_bytes());
        return;
    }
    out.push(b'"');
    if is_formula {
        out.push(b'\'');
    }
    out.extend_from_slice(field.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_with_special_characters_is_quoted_and_formulas_are_defused() {
        for (field, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("@cmd", "\"'@cmd\""),
            ("\n=1", "\"'\n=1\""),
            ("＝1", "\"'＝1\""),
        ] {
            let mut out = Vec::new();
            write_field(field, &mut out);
            assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
        }
    }
}
