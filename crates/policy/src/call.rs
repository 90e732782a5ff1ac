//! One call, as far as rules can see it.

use chrono::{DateTime, Utc};

use crate::facts::{Metadata, ToolFacts};

/// What a policy decides on. Borrows everything; building one allocates nothing.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What is asked for.
    pub subject: Subject<'a>,
    /// The call's arguments.
    pub arguments: Arguments<'a>,
    /// Who asks.
    pub grant: GrantFacts<'a>,
    /// What the agent says it is.
    pub client: ClientFacts<'a>,
    /// The upstream server's slug.
    pub server_slug: Option<&'a str>,
    /// The gateway's clock.
    pub now: DateTime<Utc>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// `tools/call`.
    Tool {
        /// The name as the upstream spells it.
        name: &'a str,
        /// What the inventory has; `None` where it does not have the tool.
        facts: Option<&'a ToolFacts>,
    },
    /// `resources/*`.
    Resource {
        /// The URI as the agent wrote it.
        uri: &'a str,
    },
    /// `prompts/*`.
    Prompt {
        /// The prompt's name.
        name: &'a str,
    },
}

/// A call's arguments. They are decoded only where a rule looks at them, and scanned in any case.
#[derive(Clone, Copy)]
pub enum Arguments<'a> {
    /// None were sent, which is an empty object.
    Absent,
    /// The text that is forwarded.
    Json(&'a str),
    /// What encloses them is ambiguous already.
    Ambiguous,
}

impl std::fmt::Debug for Arguments<'_> {
    /// Argument values are never printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Arguments::Absent => "Absent",
            Arguments::Json(_) => "Json(..)",
            Arguments::Ambiguous => "Ambiguous",
        })
    }
}

/// The grant that calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct GrantFacts<'a> {
    /// Its id.
    pub id: Option<&'a str>,
    /// Its label.
    pub label: Option<&'a str>,
    /// Its metadata.
    pub metadata: Option<&'a Metadata>,
}

/// What the agent says it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientFacts<'a> {
    /// The program's name.
    pub name: Option<&'a str>,
    /// Its version.
    pub version: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A tool call of which nothing else is known.
    pub fn tool(name: &'a str, facts: Option<&'a ToolFacts>, arguments: Arguments<'a>, now: DateTime<Utc>) -> Self {
        Self::of(Subject::Tool { name, facts }, arguments, now)
    }

    /// A request for a resource.
    pub fn resource(uri: &'a str, now: DateTime<Utc>) -> Self {
        Self::of(Subject::Resource { uri }, Arguments::Absent, now)
    }

    /// A request for a prompt.
    pub fn prompt(name: &'a str, now: DateTime<Utc>) -> Self {
        Self::of(Subject::Prompt { name }, Arguments::Absent, now)
    }

    fn of(subject: Subject<'a>, arguments: Arguments<'a>, now: DateTime<Utc>) -> Self {
        let (grant, client) = (GrantFacts::default(), ClientFacts::default());
        Call { subject, arguments, grant, client, server_slug: None, now }
    }
}
