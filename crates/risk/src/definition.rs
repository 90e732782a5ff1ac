//! What a server says of one of its tools: the classifier's whole input.

use serde_json::Value;

/// One tool definition, borrowed from wherever it is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Definition<'a> {
    /// The server's name or slug; empty when unknown. It is context, never a reason of its own.
    pub server: &'a str,
    /// The tool's name, as the server spells it.
    pub name: &'a str,
    /// Its title.
    pub title: Option<&'a str>,
    /// Its description.
    pub description: Option<&'a str>,
    /// Its `inputSchema`.
    pub input_schema: Option<&'a Value>,
    /// Its `outputSchema`.
    pub output_schema: Option<&'a Value>,
    /// Its `annotations`: the server's own claims.
    pub annotations: Option<&'a Value>,
}

impl<'a> Definition<'a> {
    /// Reads the members of a tool as `tools/list` gives it (`name`, `title`, `description`, `inputSchema`, …).
    ///
    /// A member that is missing or of another type counts as absent: a definition is somebody else's text, and an odd
    /// one still has to be classified.
    #[must_use]
    pub fn from_json(server: &'a str, tool: &'a Value) -> Self {
        let text = |member| tool.get(member).and_then(Value::as_str);
        Self {
            server,
            name: text("name").unwrap_or_default(),
            title: text("title"),
            description: text("description"),
            input_schema: tool.get("inputSchema"),
            output_schema: tool.get("outputSchema"),
            annotations: tool.get("annotations"),
        }
    }
}
