//! Signals: what a tool takes and touches, beside its category.

mod detect;

use serde::{Deserialize, Serialize};

pub(crate) use detect::detect;

/// Something a person who writes a rule should know. Signals never change the category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Takes code, a command, a script or a query in free form.
    FreeFormCode,
    /// Takes a URL.
    TakesUrl,
    /// Takes a path in a file system.
    TakesPath,
    /// Takes, gives or changes credentials.
    Credentials,
    /// Touches many things in one call.
    BulkOperation,
    /// Changes who may do what, or how the system is set up.
    Administrative,
    /// Moves data outward: sends, posts, uploads, shares, publishes.
    MovesDataOutward,
    /// Takes more than ten parameters.
    ManyParameters,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::FreeFormCode,
        Self::TakesUrl,
        Self::TakesPath,
        Self::Credentials,
        Self::BulkOperation,
        Self::Administrative,
        Self::MovesDataOutward,
        Self::ManyParameters,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FreeFormCode => "free_form_code",
            Self::TakesUrl => "takes_url",
            Self::TakesPath => "takes_path",
            Self::Credentials => "credentials",
            Self::BulkOperation => "bulk_operation",
            Self::Administrative => "administrative",
            Self::MovesDataOutward => "moves_data_outward",
            Self::ManyParameters => "many_parameters",
        }
    }
}
