//! What SQLite reports, as what the caller can do about it.

use ostiary_storage::StorageError;

/// Result codes of SQLite without their extensions that say that the file cannot be used now:
/// busy, locked, out of memory, read-only, interrupted, I/O error, full, cannot be opened.
const UNAVAILABLE: [i32; 8] = [5, 6, 7, 8, 9, 10, 13, 14];

/// The error of a statement that refers to no other row, or to rows that are known to be there.
pub(crate) fn storage_error(error: sqlx::Error) -> StorageError {
    let Some(database) = error.as_database_error() else {
        return match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                StorageError::Unavailable(error.into())
            }
            _ => StorageError::Other(error.into()),
        };
    };
    if database.is_unique_violation()
        && let Some(constraint) = unique_constraint(database.message())
    {
        return StorageError::Conflict { constraint };
    }
    let code = database.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
    if UNAVAILABLE.contains(&(code & 0xff)) {
        return StorageError::Unavailable(error.into());
    }
    StorageError::Other(error.into())
}

/// The error of a statement that adds a row below another one: [`StorageError::NotFound`] when that is not there.
///
/// SQLite does not name the foreign key that failed, so the statement has to know.
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

/// `<table>_<columns>_key` from SQLite's `UNIQUE constraint failed: table.column, table.column`.
fn unique_constraint(message: &str) -> Option<String> {
    let (_, columns) = message.split_once("UNIQUE constraint failed: ")?;
    let mut name = String::new();
    for column in columns.split(", ") {
        let (table, column) = column.split_once('.')?;
        if name.is_empty() {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name.push_str("_key");
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_constraint_of_one_or_more_columns_is_named() {
        assert_eq!(
            unique_constraint("UNIQUE constraint failed: servers.account_id, servers.slug").as_deref(),
            Some("servers_account_id_slug_key")
        );
        assert_eq!(unique_constraint("UNIQUE constraint failed: users.email").as_deref(), Some("users_email_key"));
        assert_eq!(unique_constraint("CHECK constraint failed: amount"), None);
    }

    #[test]
    fn storage_error_of_a_full_pool_is_unavailable() {
        assert!(matches!(storage_error(sqlx::Error::PoolTimedOut), StorageError::Unavailable(_)));
        assert!(matches!(storage_error(sqlx::Error::RowNotFound), StorageError::Other(_)));
    }
}
