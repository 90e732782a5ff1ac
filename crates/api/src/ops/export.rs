//! Decisions as lines of a file.

use crate::dto::decision::Decision;

/// The columns of the CSV form.
const COLUMNS: [&str; 29] = [
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

/// One JSON object and a line feed.
pub fn jsonl(decision: &Decision, out: &mut Vec<u8>) {
    // Writing to memory does not fail, and a decision always serialises.
    if serde_json::to_writer(&mut *out, decision).is_ok() {
        out.push(b'\n');
    }
}

/// The head line.
pub fn csv_head(out: &mut Vec<u8>) {
    out.extend_from_slice(COLUMNS.join(",").as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// One line of CSV (RFC 4180).
pub fn csv(decision: &Decision, out: &mut Vec<u8>) {
    fn text<T: ToString>(value: Option<&T>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }
    let ending = decision.ending.as_ref();
    let fields: [String; COLUMNS.len()] = [
        decision.id.to_string(),
        decision.time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        decision.server_id.to_string(),
        decision.server_slug.clone(),
        decision.grant_id.to_string(),
        decision.grant_label.clone(),
        text(decision.session.as_ref()),
        text(decision.client_name.as_ref()),
        text(decision.client_version.as_ref()),
        text(decision.protocol_version.as_ref()),
        decision.method.clone(),
        text(decision.target.as_ref()),
        text(decision.category.as_ref()),
        text(decision.policy_id.as_ref()),
        text(decision.policy_version.as_ref()),
        decision.mode.to_string(),
        decision.outcome.to_string(),
        text(decision.code.as_ref()),
        text(decision.rule.as_ref()),
        text(decision.message.as_ref()),
        decision.argument_names.join(" "),
        text(decision.argument_hash.as_ref()),
        text(decision.trace_id.as_ref()),
        decision.bytes_in.to_string(),
        decision.gateway_us.to_string(),
        text(ending.map(|ending| &ending.result)),
        text(ending.and_then(|ending| ending.upstream_status.as_ref())),
        text(ending.map(|ending| &ending.bytes_out)),
        text(ending.map(|ending| &ending.upstream_ms)),
    ];
    for (index, field) in fields.iter().enumerate() {
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
