//! Classifies tool definitions: JSON lines in (`server`, `tool`, `description`, `inputSchema`, `annotations`), the same
//! out with `category`, `risk`, `confidence`, `evidence` and `signals`.

use std::io::{BufRead, Write};

use ostiary_risk::{Definition, classify};
use serde_json::Value;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let mut row: Value = serde_json::from_str(&line?)?;
        let server = row.get("server").and_then(Value::as_str).unwrap_or_default();
        let name = row.get("tool").and_then(Value::as_str).unwrap_or_default();
        let answer = serde_json::to_value(classify(&Definition { name, ..Definition::from_json(server, &row) }))?;
        if let (Value::Object(row), Value::Object(answer)) = (&mut row, answer) {
            row.extend(answer);
        }
        writeln!(out, "{row}")?;
    }
    Ok(())
}
