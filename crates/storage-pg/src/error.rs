//! What PostgreSQL reports, as what the caller can do about it.

use ostiary_storage::StorageError;

/// Why a store cannot be used from the start.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is none of a PostgreSQL database. Neither the message nor the source repeats it: it has a password.
    #[error("the database URL cannot be used; it must read `postgres://user:password@host/database`")]
    Url(#[source] Option<sqlx::Error>),
    /// The server lacks what the statements need.
    #[error("PostgreSQL {found} is too old; version {needed} or newer is needed")]
    TooOld {
        /// The major version of the server.
        found: i32,
        /// The oldest major version that will do.
        needed: i32,
    },
    /// Something on the way does not pass on what a connection is told when it begins.
    #[error(
        "what stands in front of PostgreSQL takes no settings of a connection (PgBouncer without \
         `ignore_startup_parameters = options, extra_float_digits`); connect to PostgreSQL itself, or see docs/operations.md"
    )]
    Startup(#[source] sqlx::Error),
    /// Something on the way gives the sessions of the server to one transaction after another.
    #[error(
        "what stands in front of PostgreSQL shares its sessions (PgBouncer with another pool_mode than session): \
         locks and prepared statements belong to a session; connect to PostgreSQL itself, or set `pool_mode = session`"
    )]
    SharedSessions,
    /// Commits are answered before they are on disk, and what a connection is told does not change that.
    #[error(
        "synchronous_commit is off, and stays so for a connection; set it on for the role: it decides what is lost"
    )]
    NotDurable,
    /// Migrations were not run.
    #[error("the database lacks {missing} of this version's migrations; run `ostiary migrate`")]
    Behind {
        /// How many.
        missing: usize,
    },
    /// A migration that was run is not the one of this version.
    #[error("migration {version} of the database is not the one of this version")]
    Altered {
        /// Its number.
        version: i64,
    },
    /// Anything else.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Classes of SQLSTATE that say that the database cannot be used now: connection, resources, intervention by the
/// operator (which includes the statement timeout), system.
const UNAVAILABLE_CLASSES: [&str; 4] = ["08", "53", "57", "58"];

/// Single states that say it: a serialization failure, a deadlock, a read-only server (one that was failed over from),
/// a transaction that was idle for too long, a lock that was not to be had in time.
const UNAVAILABLE: [&str; 5] = ["40001", "40P01", "25006", "25P03", "55P03"];

/// The error of a statement that refers to no other row, or to rows that are known to be there.
pub(crate) fn storage_error(error: sqlx::Error) -> StorageError {
    let Some(database) = error.as_database_error() else {
        return match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => StorageError::Unavailable(error.into()),
            _ => StorageError::Other(error.into()),
        };
    };
    if database.is_unique_violation()
        && let Some(constraint) = database.constraint()
    {
        return StorageError::Conflict { constraint: constraint.to_owned() };
    }
    let code = database.code().unwrap_or_default();
    if is_unavailable(&code) { StorageError::Unavailable(error.into()) } else { StorageError::Other(error.into()) }
}

fn is_unavailable(code: &str) -> bool {
    UNAVAILABLE.contains(&code) || UNAVAILABLE_CLASSES.iter().any(|class| code.starts_with(class))
}

/// The error of a statement that adds a row below another one: [`StorageError::NotFound`] when that is not there.
pub(crate) fn parent_error(error: sqlx::Error) -> StorageError {
    if is_foreign_key_violation(&error) { StorageError::NotFound } else { storage_error(error) }
}

/// The error of a statement that removes a row to which others may refer by the foreign key `constraint`.
pub(crate) fn child_error(error: sqlx::Error, constraint: &str) -> StorageError {
    if is_foreign_key_violation(&error) {
        StorageError::Conflict { constraint: constraint.to_owned() }
    } else {
        storage_error(error)
    }
}

fn is_foreign_key_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_error_of_a_full_pool_is_unavailable() {
        assert!(matches!(storage_error(sqlx::Error::PoolTimedOut), StorageError::Unavailable(_)));
        assert!(matches!(storage_error(sqlx::Error::RowNotFound), StorageError::Other(_)));
    }

    #[test]
    fn state_that_passes_by_itself_is_unavailable() {
        for code in ["57014", "57P01", "57P03", "53300", "08006", "40P01", "55P03", "25006"] {
            assert!(is_unavailable(code), "{code}");
        }
        for code in ["22003", "23505", "42601", "28P01", ""] {
            assert!(!is_unavailable(code), "{code}");
        }
    }
}
