//! Everything that is sealed in a database, opened once to see that the key fits.

use anyhow::{Context as _, bail};
use futures_util::TryStreamExt as _;
use ostiary_auth::{Credentials, Keyring, Purpose, TotpSecret};
use ostiary_model::server::UpstreamAuth;
use ostiary_model::{AccountId, ServerId, UserId};
use ostiary_storage::IdempotencyKey;
use ostiary_storage::transfer::{Cell, TableForm};
use ostiary_storage_sqlite::SqliteExport;
use uuid::Uuid;

/// A column with something sealed in it, and how that is opened.
struct Sealed {
    table: &'static str,
    id: &'static str,
    column: &'static str,
    open: fn(&Keyring, &Values<'_>) -> anyhow::Result<()>,
}

/// Every column with something sealed in it.
const SEALED: &[Sealed] = &[
    Sealed { table: "idempotency_keys", id: "account_id", column: "answer", open: stored_answer },
    Sealed { table: "servers", id: "id", column: "auth_sealed", open: server_credentials },
    Sealed { table: "totps", id: "user_id", column: "secret_sealed", open: totp_secret },
];

/// The values of one row.
struct Values<'a> {
    table: &'a TableForm,
    row: &'a [Cell],
}

impl Values<'_> {
    fn cell(&self, column: &str) -> Option<&Cell> {
        self.row.get(self.table.columns.iter().position(|found| found == column)?)
    }

    fn bytes(&self, column: &str) -> anyhow::Result<&[u8]> {
        let Some(Cell::Bytes(bytes)) = self.cell(column) else { bail!("`{column}` is missing") };
        Ok(bytes)
    }

    fn text(&self, column: &str) -> anyhow::Result<&str> {
        let Some(Cell::Text(text)) = self.cell(column) else { bail!("`{column}` is missing") };
        Ok(text)
    }
}

/// Opens everything; answers how much there was.
///
/// # Errors
///
/// What the key does not open, by its table and the row's id.
pub(super) async fn open_all(export: &mut SqliteExport, keyring: &Keyring) -> anyhow::Result<u64> {
    let mut opened = 0;
    for table in export.tables().await? {
        let sealed: Vec<&Sealed> = SEALED.iter().filter(|sealed| sealed.table == table.name).collect();
        if sealed.is_empty() {
            continue;
        }
        let mut rows = export.rows(&table);
        while let Some(row) = rows.try_next().await? {
            let values = Values { table: &table, row: &row };
            for one in &sealed {
                if matches!(values.cell(one.column), Some(Cell::Null)) {
                    continue;
                }
                (one.open)(keyring, &values).with_context(|| {
                    let id = values.bytes(one.id).ok().and_then(|id| Uuid::from_slice(id).ok()).unwrap_or_default();
                    format!("the key does not open `{}` of {id} in `{}`; nothing was moved", one.column, one.table)
                })?;
                opened += 1;
            }
        }
    }
    Ok(opened)
}

fn server_credentials(keyring: &Keyring, values: &Values<'_>) -> anyhow::Result<()> {
    let id = ServerId::from_uuid(Uuid::from_slice(values.bytes("id")?)?);
    let auth = UpstreamAuth::Headers {
        names: serde_json::from_str(values.text("auth_header_names")?)?,
        sealed: values.bytes("auth_sealed")?.to_vec(),
    };
    Credentials::new(keyring.sealer(Purpose::UpstreamCredentials)).open(id, &auth)?;
    Ok(())
}

fn stored_answer(keyring: &Keyring, values: &Values<'_>) -> anyhow::Result<()> {
    let key = IdempotencyKey {
        account_id: AccountId::from_uuid(Uuid::from_slice(values.bytes("account_id")?)?),
        caller: values.text("caller")?.to_owned(),
        key_hash: values.bytes("key_hash")?.try_into()?,
        request_hash: values.bytes("request_hash")?.try_into()?,
    };
    keyring.sealer(Purpose::StoredAnswers).open(values.bytes("answer")?, &key.place())?;
    Ok(())
}

fn totp_secret(keyring: &Keyring, values: &Values<'_>) -> anyhow::Result<()> {
    let user = UserId::from_uuid(Uuid::from_slice(values.bytes("user_id")?)?);
    TotpSecret::open(&keyring.sealer(Purpose::Totp), values.bytes("secret_sealed")?, user)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use ostiary_storage_sqlite::SqliteStore;

    use super::*;

    /// What is sealed is found by its name: a column that is new is to be opened, too.
    #[tokio::test]
    async fn every_sealed_column_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&dir.path().join("ostiary.db")).await.unwrap();
        for table in store.export().await.unwrap().tables().await.unwrap() {
            for column in table.columns.iter().filter(|column| column.contains("sealed")) {
                let is_known = SEALED.iter().any(|sealed| sealed.table == table.name && sealed.column == *column);
                assert!(is_known, "`{column}` of `{}` is not opened before it is moved", table.name);
            }
        }
    }
}
