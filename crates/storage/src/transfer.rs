//! Moving everything from one backend to another: rows as no entity knows them.
//!
//! For the one command that does it. Whole tables are read and written, of all accounts, under the names that both
//! backends' migrations give them, so that a table that is added later is moved without a line of code.

use crate::StorageError;

/// A table of either backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableForm {
    /// Its name.
    pub name: String,
    /// The names of its columns, in the order of the alphabet.
    pub columns: Vec<String>,
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// None.
    Null,
    /// A number, or a truth as 0 or 1.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes; an id is sixteen of them.
    Bytes(Vec<u8>),
}

/// The values of a row, in the order of the table's columns.
pub type Row = Vec<Cell>;

/// Why not everything could be moved. Nothing is, then.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// Either backend's.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The two do not have the same tables, which one version of them has.
    #[error("the two databases are not of one form: {0}")]
    Form(String),
    /// The target is in use, or was.
    #[error("the target is not empty: there are rows in `{table}`; give it a new database")]
    NotEmpty {
        /// Its first table with rows.
        table: String,
    },
    /// A value has no place in the other backend's column.
    #[error("a value of `{column}` in `{table}` cannot be written to the target")]
    Value {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// What is there now is not what was read.
    #[error("`{table}` was read with {read} rows and is there with {found}, or with other values")]
    Different {
        /// The table.
        table: String,
        /// Rows that were read.
        read: u64,
        /// Rows that are there.
        found: u64,
    },
}
