//! Rows of the catalogue, and what they are made into.

use ostiary_model::catalogue::{CatalogueHit, CatalogueServer, CatalogueTool};
use ostiary_storage::StorageError;

use crate::row::Place;

/// The columns of a server.
pub(super) struct ServerRow {
    pub(super) slug: String,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) version: Option<String>,
    pub(super) url: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) scanned_at: Option<i64>,
    pub(super) imported_at: i64,
    pub(super) hash: Vec<u8>,
}

impl TryFrom<ServerRow> for CatalogueServer {
    type Error = StorageError;

    fn try_from(row: ServerRow) -> Result<Self, StorageError> {
        let place = Place::new("catalogue_servers", row.slug.clone());
        Ok(Self {
            scanned_at: place.time_option("scanned_at", row.scanned_at)?,
            imported_at: place.time("imported_at", row.imported_at)?,
            hash: place.hash("hash", &row.hash)?,
            slug: row.slug,
            key: row.key,
            name: row.name,
            description: row.description,
            version: row.version,
            url: row.url,
            repository: row.repository,
        })
    }
}

/// The columns of a tool.
pub(super) struct ToolRow {
    pub(super) name: String,
    pub(super) definition: String,
    pub(super) category: String,
    pub(super) risk: String,
    pub(super) tokens: i64,
    pub(super) findings: String,
}

impl TryFrom<ToolRow> for CatalogueTool {
    type Error = StorageError;

    fn try_from(row: ToolRow) -> Result<Self, StorageError> {
        let place = Place::new("catalogue_tools", row.name.clone());
        Ok(Self {
            definition: place.json("definition", &row.definition)?,
            category: place.parse("category", &row.category)?,
            risk: place.parse("risk", &row.risk)?,
            findings: codes(&row.findings),
            name: row.name,
            tokens: row.tokens,
        })
    }
}

/// The columns of a tool in a list.
pub(super) struct HitRow {
    pub(super) position: i64,
    pub(super) server_slug: String,
    pub(super) server_name: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) category: String,
    pub(super) risk: String,
    pub(super) findings: String,
}

impl TryFrom<HitRow> for CatalogueHit {
    type Error = StorageError;

    fn try_from(row: HitRow) -> Result<Self, StorageError> {
        let place = Place::new("catalogue_tools", row.position);
        Ok(Self {
            category: place.parse("category", &row.category)?,
            risk: place.parse("risk", &row.risk)?,
            findings: codes(&row.findings),
            position: row.position,
            server_slug: row.server_slug,
            server_name: row.server_name,
            name: row.name,
            description: row.description,
        })
    }
}

fn codes(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The columns of a [`ServerRow`], and what comes after them in the statement.
macro_rules! select_servers {
    ($rest:tt, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            $crate::repo::catalogue::row::ServerRow,
            r#"
            select
                s.slug as "slug!", s.key as "key!", s.name as "name!", s.description, s.version, s.url, s.repository,
                s.scanned_at, s.imported_at as "imported_at!", s.hash as "hash!"
            "# + $rest,
            $($argument),*
        )
    };
}

/// The columns of a [`HitRow`], and what comes after them in the statement.
macro_rules! select_hits {
    ($rest:tt, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            $crate::repo::catalogue::row::HitRow,
            r#"
            select
                t.id as "position!", t.server_slug as "server_slug!", s.name as "server_name!", t.name as "name!",
                t.description as "description!", t.category as "category!", t.risk as "risk!",
                t.findings as "findings!"
            "# + $rest,
            $($argument),*
        )
    };
}

pub(super) use {select_hits, select_servers};
