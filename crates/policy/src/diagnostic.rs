//! What is wrong, or doubtful, in a document.

use serde::Serialize;

/// One finding in a policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Whether the document is refused for it.
    pub severity: Severity,
    /// What kind of finding it is.
    pub code: DiagnosticCode,
    /// JSON Pointer of the member concerned; empty for the whole document.
    pub pointer: String,
    /// One sentence for people, lower case.
    pub message: String,
    /// Where the member's value begins in the text, where a text is at hand.
    #[serde(flatten)]
    pub position: Option<Position>,
}

/// Errors refuse a document, warnings do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The document cannot be used.
    Error,
    /// The document can be used, and probably does not mean what it says.
    Warning,
}

/// A place in a text, both counted from one; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// Walks a text once, for the places of many findings.
#[derive(Debug)]
pub(crate) struct Positions<'t> {
    rest: &'t str,
    at: usize,
    next: Position,
}

impl<'t> Positions<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Positions { rest: text, at: 0, next: Position { line: 1, column: 1 } }
    }

    /// The place of a byte offset that is not before the last one asked for.
    pub(crate) fn at(&mut self, offset: usize) -> Position {
        if let Some((before, rest)) = self.rest.split_at_checked(offset.saturating_sub(self.at)) {
            for char in before.chars() {
                let Position { line, column } = self.next;
                self.next = match char {
                    '\n' => Position { line: line.saturating_add(1), column: 1 },
                    _ => Position { line, column: column.saturating_add(1) },
                };
            }
            (self.rest, self.at) = (rest, offset.max(self.at));
        }
        self.next
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $text:literal,)+) => {
        /// The kinds of finding, stable over versions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DiagnosticCode {
            $($(#[$doc])* $variant,)+
        }

        impl DiagnosticCode {
            /// The code as it stands in answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

codes! {
    /// The text is not JSON.
    InvalidJson => "invalid_json",
    /// `version` is not `"1"`.
    UnsupportedVersion => "unsupported_version",
    /// An object lacks a member.
    MissingMember => "missing_member",
    /// An object has a member that the language does not know.
    UnknownMember => "unknown_member",
    /// An object has a member twice.
    DuplicateMember => "duplicate_member",
    /// A value has the wrong JSON type.
    WrongType => "wrong_type",
    /// A value has the right type and is impossible.
    InvalidValue => "invalid_value",
    /// `op` names no operator.
    UnknownOperator => "unknown_operator",
    /// A path cannot be read.
    InvalidPath => "invalid_path",
    /// A regular expression does not compile or is too large.
    InvalidRegex => "invalid_regex",
    /// `[*]` stands under a `not` without a quantifier.
    QuantifierRequired => "quantifier_required",
    /// One counter and window have two alignments.
    AlignConflict => "align_conflict",
    /// Conditions are nested too deep.
    TooDeep => "too_deep",
    /// The document is too large.
    TooLarge => "too_large",
    /// A pattern matches no tool of the inventory.
    UnmatchedPattern => "unmatched_pattern",
    /// The tool's schema does not have the argument.
    UnknownArgument => "unknown_argument",
    /// The tool's schema has the argument with another type.
    ArgumentType => "argument_type",
    /// A `regex` in a `require` is not anchored.
    UnanchoredRegex => "unanchored_regex",
    /// A rule can never decide.
    DeadRule => "dead_rule",
    /// A destructive or financial tool is allowed without limit or approval.
    UnguardedTool => "unguarded_tool",
    /// Only what the agent or the upstream claims guards a critical tool.
    ClaimOnlyGuard => "claim_only_guard",
    /// All limits of a tool have scope `session`.
    SessionOnlyLimits => "session_only_limits",
    /// `default` is `allow` with tools nobody has reviewed.
    UnreviewedTools => "unreviewed_tools",
}

impl Serialize for DiagnosticCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl std::fmt::Display for DiagnosticCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Display for Diagnostic {
    /// `line:column: severity code at pointer: message`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}: ")?;
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity} {}", self.code)?;
        if !self.pointer.is_empty() {
            write!(f, " at {}", self.pointer)?;
        }
        write!(f, ": {}", self.message)
    }
}
