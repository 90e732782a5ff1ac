//! JSON lines, one tool each: `{"server", "tool", "description", "inputSchema", …, "package" | "url"}`.
//!
//! The tools of one server stand together; where they do not, the last run of lines counts.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::super::lines::{Line, Lines};
use super::entry::{Entry, TOOLS_MAX};
use super::writer::Writer;

/// Members of a line that are the tool's definition.
const DEFINITION: [&str; 5] = ["title", "description", "inputSchema", "outputSchema", "annotations"];

pub(super) async fn import(source: &str, lines: impl BufRead, writer: &mut Writer) -> anyhow::Result<()> {
    let mut current: Option<Entry> = None;
    let mut lines = Lines::new(lines);
    while let Some((number, line)) = lines.next()? {
        let (entry, tool) = match read_line(&line) {
            Ok(read) => read,
            Err(reason) => {
                writer.skip(&format!("{source} line {number}"), reason);
                continue;
            }
        };
        match &mut current {
            Some(known) if known.key == entry.key => {
                let tools = known.tools.get_or_insert_default();
                // One more is told of when the server is written; the rest would only take memory.
                if tools.len() <= TOOLS_MAX {
                    tools.push(tool);
                }
            }
            _ => {
                let next = Entry { tools: Some(vec![tool]), ..entry };
                if let Some(complete) = current.replace(next) {
                    writer.put(complete).await?;
                }
            }
        }
    }
    match current {
        Some(complete) => writer.put(complete).await,
        None => Ok(()),
    }
}

fn read_line(line: &Line) -> Result<(Entry, Value), &'static str> {
    let Line::Read(line) = line else { return Err("longer than a definition may be") };
    match serde_json::from_slice(line) {
        Ok(Value::Object(row)) => read(&row),
        _ => Err("not a JSON object"),
    }
}

/// The server and the tool of a line, or why there is none.
fn read(row: &Map<String, Value>) -> Result<(Entry, Value), &'static str> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let tool = text("tool").or_else(|| text("name")).ok_or("no tool name")?;
    let key = match (text("package"), text("url")) {
        (Some(package), _) => format!("{}:{package}", text("registry").unwrap_or_else(|| "npm".to_owned())),
        (None, Some(url)) => url,
        (None, None) => return Err("neither package nor URL"),
    };
    let name = text("package").or_else(|| text("server")).unwrap_or_else(|| key.clone());
    let mut definition: Map<String, Value> =
        DEFINITION.iter().filter_map(|name| row.get(*name).map(|value| ((*name).to_owned(), value.clone()))).collect();
    definition.insert("name".to_owned(), Value::String(tool));
    let entry = Entry {
        key,
        name,
        description: None,
        version: text("version"),
        url: text("url"),
        repository: text("repository").or_else(|| text("repo")),
        tools: None,
    };
    Ok((entry, Value::Object(definition)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn line_is_a_server_by_its_package_and_a_tool() {
        let row = json!({"package": "@acme/pay", "server": "pay", "tool": "refund", "description": "x", "group": 1});
        let (entry, tool) = read(row.as_object().unwrap()).unwrap();
        assert_eq!((entry.key.as_str(), entry.name.as_str()), ("npm:@acme/pay", "@acme/pay"));
        assert_eq!(tool, json!({"name": "refund", "description": "x"}));
        let url = json!({"url": "https://mcp.example.com", "server": "mail", "name": "send"});
        assert_eq!(read(url.as_object().unwrap()).unwrap().0.key, "https://mcp.example.com");
        for row in [json!({"tool": "x", "repo": "acme/all"}), json!({"package": "x"})] {
            assert!(read(row.as_object().unwrap()).is_err());
        }
    }
}
