//! What is known of a tool, a grant and a client.

use std::fmt;
use std::str::FromStr;

use crate::input_schema::InputSchema;
use crate::json::{Tree, View};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $error:literal { $($(#[$vdoc:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word as it is written.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWordError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(UnknownWordError($error))
            }
        }
    };
}

/// A word that is none of those known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such {0}")]
pub struct UnknownWordError(&'static str);

words! {
    /// What a tool does, as the inventory has it.
    Category, "category" {
        /// Retrieves, changes nothing.
        Read => "read",
        /// Creates or changes data.
        Write => "write",
        /// Runs code or triggers an operation.
        Execute => "execute",
        /// Deletes or overwrites.
        Destructive => "destructive",
        /// Moves money.
        Financial => "financial",
        /// Nothing to go by.
        Other => "other",
    }
}

words! {
    /// How much a tool can harm.
    Risk, "risk" {
        /// Low.
        Low => "low",
        /// Medium.
        Medium => "medium",
        /// High.
        High => "high",
        /// Critical.
        Critical => "critical",
    }
}

/// A JSON object that rules may look into: a grant's metadata, a tool's annotations. Read once, shared by all calls.
#[derive(Clone)]
pub struct Metadata(Tree<'static>);

/// Metadata that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("metadata is a JSON object in which no member is twice, no number out of range and no surrogate alone")]
pub struct MetadataError;

impl Metadata {
    /// An object without members.
    pub fn empty() -> Self {
        Metadata(Tree::empty_object())
    }

    /// Reads an object.
    ///
    /// # Errors
    /// The text is no JSON object, or one that can be understood in two ways.
    pub fn parse(text: &str) -> Result<Self, MetadataError> {
        let tree = Tree::parse_unambiguous(text).ok_or(MetadataError)?;
        match tree.root().kind() {
            crate::json::Kind::Object(_) => Ok(Metadata(tree.into_owned())),
            _ => Err(MetadataError),
        }
    }

    pub(crate) fn root(&self) -> View<'_> {
        self.0.root()
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Metadata {
    /// Values may be private, so only the type is told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metadata")
    }
}

/// A tool as the server's inventory has it.
#[derive(Debug, Default)]
pub struct ToolFacts {
    /// What it does; `None` where nobody has told.
    pub category: Option<Category>,
    /// How much it can harm.
    pub risk: Option<Risk>,
    /// What the upstream claims of it.
    pub annotations: Metadata,
    /// The schema of its arguments.
    pub input_schema: Option<InputSchema>,
    /// Whether it changed since it was accepted, on a server that quarantines changes.
    pub is_quarantined: bool,
    /// Whether it changed since it was accepted, whatever its server does about changes.
    pub is_changed: bool,
}

impl ToolFacts {
    /// An accepted tool of which only the category is known.
    pub fn new(category: Category) -> Self {
        ToolFacts { category: Some(category), ..ToolFacts::default() }
    }
}
