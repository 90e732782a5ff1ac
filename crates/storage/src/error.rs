//! What can go wrong with a backend, by what the caller can do about it.

use std::error::Error;

/// A failure of a backend.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another row has the value that must be unique, or still refers to this one.
    #[error("constraint `{constraint}` does not hold")]
    Conflict {
        /// Its name, `<table>_<columns>_{key,fkey}`, the same on every backend.
        constraint: String,
    },
    /// The row was changed by somebody else since it was read.
    #[error("the row was changed meanwhile")]
    Stale,
    /// The row to be written is not there, or not in this account.
    #[error("there is no such row")]
    NotFound,
    /// The backend cannot be reached, or took too long; trying again later may help.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A stored value breaks the rules of its type.
    #[error("row {row} of `{table}` has a broken `{column}`")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key as text.
        row: String,
    },
    /// Anything else: a defect.
    #[error("the database refused a statement")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}
