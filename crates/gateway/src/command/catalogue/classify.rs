//! `ostiary catalogue classify`: tool definitions in, the same with category, risk and evidence out.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use ostiary_risk::{Definition, classify};
use serde_json::{Map, Value};

use super::lines::{LINE_MAX, Line, Lines};

#[derive(Debug, Args)]
pub(super) struct ClassifyArgs {
    /// One tool a line: `{"server", "tool", "description", "inputSchema"?, "annotations"?}`; `-` reads standard input
    file: PathBuf,
}

pub(super) fn run(args: &ClassifyArgs) -> anyhow::Result<ExitCode> {
    let out = BufWriter::new(std::io::stdout().lock());
    let err = std::io::stderr().lock();
    if args.file == Path::new("-") {
        return classify_lines(std::io::stdin().lock(), out, err);
    }
    let file = std::fs::File::open(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    classify_lines(BufReader::new(file), out, err)
}

/// Classifies line by line, whatever the length of the whole. A line that is no tool is told with its number and
/// passed over; there is then nothing in the output for it, and the process ends with a failure.
fn classify_lines(lines: impl BufRead, mut out: impl Write, mut err: impl Write) -> anyhow::Result<ExitCode> {
    let mut lines = Lines::new(lines);
    let mut problems = 0_usize;
    while let Some((number, line)) = lines.next()? {
        let answer = match line {
            Line::Read(line) => classify_line(&line),
            Line::TooLong => Err(format!("the line is longer than {LINE_MAX} bytes")),
        };
        match answer {
            Ok(row) => {
                serde_json::to_writer(&mut out, &row)?;
                out.write_all(b"\n")?;
            }
            Err(problem) => {
                writeln!(err, "line {number}: {problem}")?;
                problems += 1;
            }
        }
    }
    out.flush()?;
    Ok(if problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The row with the members of the answer, or all that is wrong with it.
fn classify_line(line: &[u8]) -> Result<Map<String, Value>, String> {
    let row: Value = serde_json::from_slice(line).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(mut row) = row else { return Err("not an object".to_owned()) };
    let mut problems = Vec::new();
    if row.get("tool").and_then(Value::as_str).is_none_or(str::is_empty) {
        problems.push("`tool` must be a text that is not empty");
    }
    if ["server", "title", "description"].iter().any(|name| is_other(&row, name, Value::is_string)) {
        problems.push("`server`, `title` and `description` must be texts");
    }
    if ["inputSchema", "outputSchema", "annotations"].iter().any(|name| is_other(&row, name, Value::is_object)) {
        problems.push("`inputSchema`, `outputSchema` and `annotations` must be objects");
    }
    if !problems.is_empty() {
        return Err(problems.join("; "));
    }
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let answer = classify(&Definition {
        server: text("server").unwrap_or_default(),
        name: text("tool").unwrap_or_default(),
        title: text("title"),
        description: text("description"),
        input_schema: row.get("inputSchema"),
        output_schema: row.get("outputSchema"),
        annotations: row.get("annotations"),
    });
    if let Ok(Value::Object(answer)) = serde_json::to_value(answer) {
        row.extend(answer);
    }
    Ok(row)
}

/// Whether a member is there, not null, and of another type.
fn is_other(row: &Map<String, Value>, name: &str, is_right: fn(&Value) -> bool) -> bool {
    row.get(name).is_some_and(|value| !value.is_null() && !is_right(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: &str) -> (Vec<Value>, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        classify_lines(input.as_bytes(), &mut out, &mut err).unwrap();
        let lines = String::from_utf8(out).unwrap();
        (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn line_is_answered_with_its_own_members_and_the_answer() {
        let (rows, err) = run(r#"{"server":"pay","tool":"create_refund","description":"Refund a charge","note":1}"#);
        assert_eq!(err, "");
        assert_eq!((&rows[0]["category"], &rows[0]["risk"]), (&"financial".into(), &"critical".into()));
        assert_eq!((&rows[0]["tool"], &rows[0]["note"]), (&"create_refund".into(), &1.into()));
        assert_eq!(rows[0]["evidence"][0]["where"], "name");
        assert!(rows[0]["confidence"].is_f64() && rows[0]["signals"].is_array());
    }

    #[test]
    fn lines_that_are_no_tools_are_all_told_with_their_numbers() {
        let (rows, err) =
            run("x\n\n{\"tool\":\"get_a\"}\n[]\n{\"tool\":1,\"annotations\":\"x\"}\n{\"tool\":\"get_b\"}");
        assert_eq!(rows.len(), 2);
        let told: Vec<_> = err.lines().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(told, ["line 1", "line 4", "line 5"]);
        assert!(err.contains("`tool` must be") && err.contains("`annotations` must be"), "{err}");
    }

    #[test]
    fn line_that_is_too_long_is_passed_over() {
        let long = "x".repeat(usize::try_from(LINE_MAX).unwrap() * 2);
        let (rows, err) = run(&format!("{long}\n{{\"tool\":\"get_b\"}}"));
        assert_eq!(rows.len(), 1);
        assert!(err.starts_with("line 1: the line is longer"), "{err}");
    }
}
