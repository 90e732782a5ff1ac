//! The tables of the database, as its catalogue has them.

use ostiary_storage::transfer::{TableForm, TransferError};
use sqlx::PgConnection;

use crate::error::storage_error;

/// What a column takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Integer,
    Boolean,
    Text,
    Uuid,
    Bytes,
}

/// A table that is written.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) form: TableForm,
    /// In the order of the columns.
    pub(super) kinds: Vec<Kind>,
    /// The column whose numbers the database gives out itself.
    identity: Option<String>,
}

/// SECURITY: statements that are put together, since `copy` takes no parameters. Their parts are names of tables and
/// columns out of the catalogue, which migrations made; nothing that a caller of the product writes comes near them.
impl Target {
    pub(super) fn copy_in(&self) -> String {
        format!("copy {} ({}) from stdin", quoted(&self.form.name), self.columns())
    }

    pub(super) fn copy_out(&self) -> String {
        // A partitioned table is read by a query only.
        format!("copy (select {} from {}) to stdout", self.columns(), quoted(&self.form.name))
    }

    pub(super) fn has_rows(&self) -> String {
        format!("select exists (select from {})", quoted(&self.form.name))
    }

    /// Has the database go on behind the numbers that are there; none where it gives out none.
    pub(super) fn go_on(&self) -> Option<String> {
        let name = self.identity.as_deref()?;
        let (table, column) = (quoted(&self.form.name), quoted(name));
        Some(format!(
            "select setval(pg_get_serial_sequence('{table}', '{name}'), coalesce(max({column}), 1), \
             max({column}) is not null) from {table}"
        ))
    }

    fn columns(&self) -> String {
        let columns: Vec<String> = self.form.columns.iter().map(|column| quoted(column)).collect();
        columns.join(", ")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Every table that holds data, each behind those it refers to.
pub(super) async fn targets(connection: &mut PgConnection) -> Result<Vec<Target>, TransferError> {
    let tables = sqlx::query!(
        r#"
        select
            c.relname::text as "name!",
            coalesce(array_agg(distinct r.relname::text) filter (where r.oid <> c.oid), '{}') as "refers_to!: Vec<String>"
        from pg_class c
        left join pg_constraint k on k.conrelid = c.oid and k.contype = 'f'
        left join pg_class r on r.oid = k.confrelid
        where c.relnamespace = current_schema()::regnamespace
            and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> '_sqlx_migrations'
        group by c.relname
        order by c.relname
        "#
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(storage_error)?;
    let mut left: Vec<(String, Vec<String>)> = tables.into_iter().map(|table| (table.name, table.refers_to)).collect();
    let mut targets: Vec<Target> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_ready =
            |refers_to: &[String]| refers_to.iter().all(|name| targets.iter().any(|target| target.form.name == *name));
        let Some(at) = left.iter().position(|(_, refers_to)| is_ready(refers_to)) else {
            return Err(TransferError::Form("tables of the target refer to each other in a circle".to_owned()));
        };
        let (name, _) = left.remove(at);
        targets.push(target(connection, name).await?);
    }
    Ok(targets)
}

async fn target(connection: &mut PgConnection, name: String) -> Result<Target, TransferError> {
    let found = sqlx::query!(
        r#"
        select column_name::text as "name!", data_type::text as "kind!", is_identity = 'YES' as "is_identity!"
        from information_schema.columns
        where table_schema = current_schema() and table_name = $1 and is_generated = 'NEVER'
        "#,
        name
    )
    .fetch_all(connection)
    .await
    .map_err(storage_error)?;
    let mut columns = Vec::with_capacity(found.len());
    let identity = found.iter().find(|column| column.is_identity).map(|column| column.name.clone());
    for column in found {
        let kind = match column.kind.as_str() {
            "smallint" | "integer" | "bigint" => Kind::Integer,
            "boolean" => Kind::Boolean,
            "text" => Kind::Text,
            "uuid" => Kind::Uuid,
            "bytea" => Kind::Bytes,
            other => return Err(TransferError::Form(format!("`{name}` has a column of the type {other}"))),
        };
        columns.push((column.name, kind));
    }
    // Not in the order of the database's own language.
    columns.sort();
    let (columns, kinds) = columns.into_iter().unzip();
    Ok(Target { form: TableForm { name, columns }, kinds, identity })
}
