//! What is wrong with a definition: attacks on the model that reads it, and faults.
//!
//! A finding needs more than a suspicious word: loud capitals, talk of attacks, or a parameter for a password are no
//! findings. What is looked for is a combination that an honest definition does not need.

mod annotation;
mod blob;
mod foreign;
mod instruction;
mod request;
mod texts;
mod unicode;

use serde::Serialize;

use crate::Definition;
use texts::Text;

/// Share of a context of 200 000 tokens above which definitions cost too much, in tokens: 5 %.
const TOKENS_MAX: usize = 10_000;
/// Bytes that make a token, roughly, in JSON of definitions.
const BYTES_PER_TOKEN: usize = 4;

/// Something that is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub code: FindingCode,
    /// How grave it is.
    pub severity: FindingSeverity,
    /// The member: `description`, `inputSchema.properties.note.description`.
    #[serde(rename = "where")]
    pub place: String,
    /// For people, without repeating what was found where that could be an attack.
    pub message: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

words!(
    /// What can be wrong with a definition.
    FindingCode {
        /// Characters that people do not see.
        HiddenUnicode = "hidden_unicode",
        /// An instruction to the model that concerns secrets, or is to be kept from the user.
        HiddenInstruction = "hidden_instruction",
        /// The text speaks of another server's tool.
        ForeignTool = "foreign_tool",
        /// Another server has a tool of the same name.
        DuplicateName = "duplicate_name",
        /// A parameter asks for what the tool has no use for.
        UnrelatedRequest = "unrelated_request",
        /// A long text that nobody can read.
        EncodedBlob = "encoded_blob",
        /// Annotations that contradict each other or what the tool does.
        ContradictingAnnotations = "contradicting_annotations",
        /// A schema against which nothing can be checked.
        InvalidSchema = "invalid_schema",
        /// A definition that takes more than 5 % of a context of 200 000 tokens.
        ContextCost = "context_cost",
    }
);

words!(
    /// How grave a finding is.
    FindingSeverity {
        /// Worth knowing.
        Low = "low",
        /// Look at it.
        Medium = "medium",
        /// Do not let agents see it before somebody has looked.
        High = "high",
    }
);

/// What stands around a tool.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// Names of tools of other servers that the same agents may see.
    pub foreign_tools: &'a [&'a str],
    /// Names of the other tools of the same server.
    pub own_tools: &'a [&'a str],
    /// Whether a schema was found to be none by whoever can compile it.
    pub has_invalid_schema: bool,
}

/// Everything that is wrong with a tool, the gravest first.
#[must_use]
pub fn inspect(definition: &Definition<'_>, surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let texts = texts::of_definition(definition);
    let mut findings = of_texts(&texts);
    findings.extend(foreign::find(definition, &texts, surroundings));
    findings.extend(request::find(definition));
    findings.extend(annotation::find(definition));
    if surroundings.has_invalid_schema {
        findings.push(Finding {
            code: FindingCode::InvalidSchema,
            severity: FindingSeverity::Medium,
            place: "inputSchema".to_owned(),
            message: "No arguments can be checked against this schema: it is invalid, or refers to another document."
                .to_owned(),
        });
    }
    findings.extend(cost(tokens(definition), "definition"));
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.code));
    findings
}

/// Everything that is wrong with what a server says to every agent, and with its tools together.
#[must_use]
pub fn inspect_server(instructions: Option<&str>, tokens: usize) -> Vec<Finding> {
    let texts: Vec<Text<'_>> = instructions.map(|text| Text::new("instructions", text)).into_iter().collect();
    let mut findings = of_texts(&texts);
    findings.extend(cost(tokens, "tools"));
    findings
}

/// What a definition costs in a model's context, in tokens, roughly.
#[must_use]
pub fn tokens(definition: &Definition<'_>) -> usize {
    let texts = [Some(definition.name), definition.title, definition.description];
    let texts: usize = texts.into_iter().flatten().map(str::len).sum();
    let parts = [definition.input_schema, definition.output_schema, definition.annotations];
    let parts: usize = parts.into_iter().flatten().map(|part| part.to_string().len()).sum();
    tokens_of_bytes(texts + parts)
}

/// What so many bytes of definitions cost in a model's context, in tokens, roughly.
#[must_use]
pub const fn tokens_of_bytes(bytes: usize) -> usize {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

fn of_texts(texts: &[Text<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for text in texts {
        findings.extend(unicode::find(text));
        findings.extend(blob::find(text));
        findings.extend(instruction::find(text));
    }
    findings
}

fn cost(tokens: usize, place: &str) -> Option<Finding> {
    (tokens > TOKENS_MAX).then(|| Finding {
        code: FindingCode::ContextCost,
        severity: FindingSeverity::Low,
        place: place.to_owned(),
        message: format!("About {tokens} tokens, more than 5 % of a context of 200000."),
    })
}
