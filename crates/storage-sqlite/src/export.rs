//! Everything in the file, table by table, as it was at one moment.

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use ostiary_storage::StorageError;
use ostiary_storage::transfer::{Cell, Row, TableForm};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, Sqlite, Transaction};

use crate::error::storage_error;
use crate::store::SqliteStore;

/// A reader of the whole file. What is written meanwhile is not seen.
#[derive(Debug)]
pub struct SqliteExport {
    tx: Transaction<'static, Sqlite>,
}

impl SqliteStore {
    /// Begins to read everything.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub async fn export(&self) -> Result<SqliteExport, StorageError> {
        Ok(SqliteExport { tx: self.readers.begin().await.map_err(storage_error)? })
    }
}

impl SqliteExport {
    /// The tables that hold data, in the order of their names; not those in which the search keeps its index of them.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub async fn tables(&mut self) -> Result<Vec<TableForm>, StorageError> {
        let names = sqlx::query_scalar!(
            r#"
            select cast(name as text) as "name!: String" from pragma_table_list
            where schema = 'main' and type = 'table'
                and name not like 'sqlite\_%' escape '\' and name <> '_sqlx_migrations'
            order by name
            "#
        )
        .fetch_all(&mut *self.tx)
        .await
        .map_err(storage_error)?;
        let mut tables = Vec::with_capacity(names.len());
        for name in names {
            // No table that a check would find.
            let columns = sqlx::query_scalar("select name from pragma_table_info(?) order by name")
                .bind(&name)
                .fetch_all(&mut *self.tx)
                .await
                .map_err(storage_error)?;
            tables.push(TableForm { name, columns });
        }
        Ok(tables)
    }

    /// How many rows a table has.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub async fn count(&mut self, table: &TableForm) -> Result<u64, StorageError> {
        let sql = format!("select count(*) from {}", quoted(&table.name));
        let count: i64 =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *self.tx).await.map_err(storage_error)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The rows of a table, in the order in which the file has them.
    ///
    /// SECURITY: a statement that is put together. Its parts are names of tables and columns that migrations made.
    pub fn rows<'a>(&'a mut self, table: &TableForm) -> BoxStream<'a, Result<Row, StorageError>> {
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
        let sql = format!("select {} from {}", columns.join(", "), quoted(&table.name));
        sqlx::query(AssertSqlSafe(sql))
            .fetch(&mut *self.tx)
            .map(|row| row.and_then(|row| cells(&row)).map_err(storage_error))
            .boxed()
    }

    /// The times of the oldest and the newest decision, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub async fn span_of_decisions(&mut self) -> Result<Option<(i64, i64)>, StorageError> {
        let span = sqlx::query!(r#"select min(time) as "oldest: i64", max(time) as "newest: i64" from decisions"#)
            .fetch_one(&mut *self.tx)
            .await
            .map_err(storage_error)?;
        Ok(span.oldest.zip(span.newest))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn cells(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    (0..row.len()).map(|index| cell(row, index)).collect()
}

/// The value as it is stored: tables are strict, so that it is one of these.
fn cell(row: &SqliteRow, index: usize) -> Result<Cell, sqlx::Error> {
    use sqlx::{TypeInfo as _, ValueRef as _};

    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    let kind = raw.type_info().name().to_owned();
    match kind.as_str() {
        "INTEGER" => row.try_get(index).map(Cell::Integer),
        "TEXT" => row.try_get(index).map(Cell::Text),
        "BLOB" => row.try_get(index).map(Cell::Bytes),
        other => Err(sqlx::Error::Decode(format!("a value of the type {other}").into())),
    }
}
