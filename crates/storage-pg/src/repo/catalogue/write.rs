//! What an import writes into the catalogue.

use async_trait::async_trait;
use ostiary_model::catalogue::{CatalogueServer, CatalogueTool};
use ostiary_storage::{StorageError, WriteCatalogue, catalogue_text, server_words, tool_words};

use crate::error::storage_error;
use crate::row::to_json;
use crate::text::{clean, clean_option};
use crate::transaction::PgTransaction;
use crate::within::Within as _;

#[async_trait]
impl WriteCatalogue for PgTransaction {
    async fn put_catalogue_server(
        &mut self,
        server: &CatalogueServer,
        tools: &[CatalogueTool],
    ) -> Result<(), StorageError> {
        let scanned_at = server.scanned_at.map(|at| at.timestamp_millis());
        let imported_at = server.imported_at.timestamp_millis();
        let hash = server.hash.as_slice();
        let name = clean(&server.name);
        let description = clean_option(server.description.as_deref());
        let words = server_words(server);
        sqlx::query!(
            r#"
            insert into catalogue_servers (
                slug, key, name, description, version, url, repository, scanned_at, imported_at, hash, words
            )
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            on conflict (slug) do update set
                key = excluded.key, name = excluded.name, description = excluded.description,
                version = excluded.version, url = excluded.url, repository = excluded.repository,
                scanned_at = excluded.scanned_at, imported_at = excluded.imported_at, hash = excluded.hash,
                words = excluded.words
            "#,
            server.slug,
            server.key,
            name.as_ref(),
            description.as_deref(),
            server.version,
            server.url,
            server.repository,
            scanned_at,
            imported_at,
            hash,
            words
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        sqlx::query!("delete from catalogue_tools where server_slug = $1", server.slug)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        let names: Vec<_> = tools.iter().map(|tool| clean(&tool.name)).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let texts: Vec<String> = tools.iter().map(|tool| catalogue_text(&tool.definition)).collect();
        let definitions = tools.iter().map(|tool| to_json(&tool.definition)).collect::<Result<Vec<_>, _>>()?;
        let categories: Vec<&str> = tools.iter().map(|tool| tool.category.as_str()).collect();
        let risks: Vec<&str> = tools.iter().map(|tool| tool.risk.as_str()).collect();
        let tokens: Vec<i64> = tools.iter().map(|tool| tool.tokens).collect();
        let findings: Vec<String> = tools.iter().map(|tool| tool.findings.join(" ")).collect();
        let words: Vec<String> = tools.iter().map(tool_words).collect();
        sqlx::query!(
            r#"
            insert into catalogue_tools (
                server_slug, name, description, definition, category, risk, tokens, findings, words
            )
            select $1, * from unnest(
                $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[]
            )
            "#,
            server.slug,
            &names as _,
            &texts,
            &definitions,
            &categories as _,
            &risks as _,
            &tokens,
            &findings,
            &words
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }

    async fn delete_catalogue_server(&mut self, key: &str) -> Result<bool, StorageError> {
        // Its tools go with it.
        let result = sqlx::query!("delete from catalogue_servers where key = $1", key)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        Ok(result.rows_affected() > 0)
    }

    async fn put_catalogue_cursor(&mut self, source: &str, cursor: Option<&str>) -> Result<(), StorageError> {
        let Some(cursor) = cursor else {
            return sqlx::query!("delete from catalogue_sources where source = $1", source)
                .execute(&mut *self.inner)
                .within(self.patience)
                .await
                .map(drop)
                .map_err(storage_error);
        };
        sqlx::query!(
            r#"
            insert into catalogue_sources (source, cursor) values ($1, $2)
            on conflict (source) do update set cursor = excluded.cursor
            "#,
            source,
            cursor
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }
}
