//! `cargo xtask isolation`: every statement on a tenant's table has the account in its where clause.
//!
//! Looks at the statements as the compiler knows them, in `.sqlx`. A table is a tenant's when the migrations give it a
//! column `account_id`. What may do without stands in [`REASONS`], each with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::paths;
use crate::tally::Tally;

/// The backends: the directory of their crate, and of their migrations.
const BACKENDS: [(&str, &str); 2] =
    [("crates/storage-sqlite", "migrations/sqlite"), ("crates/storage-pg", "migrations/postgres")];

/// What a where clause, or a whole statement, has in it when it may do without an account, and why.
const REASONS: &[(&str, &str)] = &[
    ("hash = ", "the hash of a secret that was shown to us: it finds out whose it is"),
    ("user_id = ", "what belongs to the person who asks, in all of their accounts"),
    ("delete from sessions where id = ", "the id of a session is in a signed cookie: it is who asks"),
    ("where s.id = ", "the id of a session is in a signed cookie: it is who asks"),
    ("update sessions set", "the id of a session is in a signed cookie: it is who asks"),
    ("where expires_at <= ", "rows of all accounts that are over, when the process cleans up"),
    ("set inventory_tried_at", "servers of all accounts, by the process that reads inventories in turn"),
    ("from decisions order by rowid", "records of all accounts that are past their retention"),
    ("where expires_ms", "counters of all accounts, by the process that counts, when it starts and when it cleans up"),
    ("delete from decisions_default where id < ", "records of all accounts that are past their retention"),
    ("as used (account_id, id)", "an account for each row, in a list"),
    ("where (account_id, id) > ", "credentials of all accounts, when the secret key is exchanged"),
    ("where (account_id, caller, key_hash) > ", "answers of all accounts, when the secret key is exchanged"),
    ("select min(time) as", "all accounts, when everything is moved to another database"),
];

/// Checks every statement.
///
/// # Errors
/// The statements that would find another account's rows.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    check().map(drop)
}

/// As a step of a larger task.
///
/// # Errors
/// As [`run`].
pub(crate) fn check() -> anyhow::Result<Tally> {
    let mut wrong = Vec::new();
    for (directory, migrations) in BACKENDS {
        let tables = tenant_tables(&read_all(&paths::root().join(migrations), "sql")?);
        if tables.is_empty() {
            bail!("no tables are found in {migrations}");
        }
        for (file, text) in read_all(&paths::root().join(directory).join(".sqlx"), "json")? {
            let known: serde_json::Value = serde_json::from_str(&text).with_context(|| file.clone())?;
            let sql = known.get("query").and_then(serde_json::Value::as_str).with_context(|| file.clone())?;
            if !is_isolated(sql, &tables) {
                wrong.push(format!("{directory}: {}", plain(sql)));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(Tally::default());
    }
    bail!("statements on tenants' tables without account_id in their where clause:\n  {}", wrong.join("\n  "))
}

/// The files of a directory that end so, by name.
fn read_all(directory: &Path, extension: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            texts.insert(path.display().to_string(), fs::read_to_string(&path)?);
        }
    }
    Ok(texts)
}

/// The names of tables with a column for the account.
fn tenant_tables(migrations: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for text in migrations.values() {
        for definition in plain(text).split("create table ").skip(1) {
            let (name, rest) = definition.split_once(' ').unwrap_or_default();
            let columns = rest.split(';').next().unwrap_or_default();
            // Partitions have the columns of their table.
            if columns.contains("account_id uuid")
                || columns.contains("account_id blob")
                || columns.contains("partition of")
            {
                tables.insert(name.to_owned());
            }
        }
    }
    tables
}

/// In lower case, in one line, without comments.
fn plain(sql: &str) -> String {
    let lines: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    lines.join(" ").to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_isolated(sql: &str, tables: &BTreeSet<String>) -> bool {
    let sql = plain(sql);
    let words: Vec<&str> = sql.split([' ', '(', ')', ',']).collect();
    let touches = words.windows(2).any(|pair| match pair {
        [before, name] => matches!(*before, "from" | "join" | "into" | "update" | "only") && tables.contains(*name),
        _ => false,
    });
    if !touches || REASONS.iter().any(|(fragment, _)| sql.contains(fragment)) {
        return true;
    }
    // The rows of an insert say whose they are, also of one whose rows are added up behind it.
    let insert = sql.strip_prefix("with added as ( ").unwrap_or(&sql);
    if let Some(columns) = insert.strip_prefix("insert into ") {
        return columns.split(')').next().is_some_and(|columns| columns.contains("account_id"));
    }
    let Some((_, condition)) = sql.split_once(" where ") else { return false };
    let after = condition.split("account_id").skip(1);
    after.map(str::trim_start).any(|rest| rest.starts_with(['=', ',']) || rest.starts_with("in "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fine(sql: &str) -> bool {
        is_isolated(sql, &["servers", "grants"].map(str::to_owned).into())
    }

    #[test]
    fn statement_with_the_account_in_its_condition_is_fine() {
        for sql in [
            "select * from servers where account_id = $1 and id = $2",
            "update servers set name = ? where\n  account_id = ? -- whose",
            "select * from servers s join grants g on g.id = s.id where (s.account_id, s.id) in (select 1, 2)",
            "insert into servers (account_id, id) values ($1, $2)",
            "with added as (\n insert into grants (account_id, id) select 1, 2 returning id) select count(*) from added",
            "select * from users where email = $1",
            "select * from grants where token_hash = $1",
        ] {
            assert!(is_fine(sql), "{sql}");
        }
    }

    #[test]
    fn statement_without_it_is_found() {
        for sql in [
            "select * from servers where id = $1 -- account_id = $2",
            "select account_id from servers",
            "select * from users u join grants g on g.account_id = u.account_id where u.id = $1",
            "delete from servers where id = $1",
            "insert into servers (id) values ($1)",
        ] {
            assert!(!is_fine(sql), "{sql}");
        }
    }

    #[test]
    fn table_with_an_account_is_a_tenants() {
        let text = "create table users (\n id uuid);\ncreate table servers (\n  account_id uuid not null);\n\
                    create table servers_default partition of servers default;";
        let tables = tenant_tables(&[("a".to_owned(), text.to_owned())].into());
        assert_eq!(tables, ["servers", "servers_default"].map(str::to_owned).into());
    }
}
