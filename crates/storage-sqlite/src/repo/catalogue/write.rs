//! What an import writes into the catalogue.

use async_trait::async_trait;
use ostiary_model::catalogue::{CatalogueServer, CatalogueTool};
use ostiary_storage::{StorageError, WriteCatalogue, catalogue_text, server_words, tool_words};

use crate::error::storage_error;
use crate::row::to_json;

use crate::transaction::SqliteTransaction;

#[async_trait]
impl WriteCatalogue for SqliteTransaction {
    async fn put_catalogue_server(
        &mut self,
        server: &CatalogueServer,
        tools: &[CatalogueTool],
    ) -> Result<(), StorageError> {
        let scanned_at = server.scanned_at.map(|at| at.timestamp_millis());
        let imported_at = server.imported_at.timestamp_millis();
        let hash = server.hash.as_slice();
        let words = server_words(server);
        sqlx::query!(
            r#"
            insert into catalogue_servers (
                slug, key, name, description, version, url, repository, scanned_at, imported_at, hash, words
            )
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            on conflict (slug) do update set
                key = excluded.key, name = excluded.name, description = excluded.description,
                version = excluded.version, url = excluded.url, repository = excluded.repository,
                scanned_at = excluded.scanned_at, imported_at = excluded.imported_at, hash = excluded.hash,
                words = excluded.words
            "#,
            server.slug,
            server.key,
            server.name,
            server.description,
            server.version,
            server.url,
            server.repository,
            scanned_at,
            imported_at,
            hash,
            words
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        sqlx::query!("delete from catalogue_tools where server_slug = ?1", server.slug)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        for tool in tools {
            let definition = to_json(&tool.definition)?;
            let description = catalogue_text(&tool.definition);
            let category = tool.category.as_str();
            let risk = tool.risk.as_str();
            let findings = tool.findings.join(" ");
            let words = tool_words(tool);
            sqlx::query!(
                r#"
                insert into catalogue_tools (
                    server_slug, name, description, definition, category, risk, tokens, findings, words
                )
                values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                "#,
                server.slug,
                tool.name,
                description,
                definition,
                category,
                risk,
                tool.tokens,
                findings,
                words
            )
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        }
        Ok(())
    }

    async fn delete_catalogue_server(&mut self, key: &str) -> Result<bool, StorageError> {
        // Its tools go with it.
        let result = sqlx::query!("delete from catalogue_servers where key = ?1", key)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        Ok(result.rows_affected() > 0)
    }

    async fn put_catalogue_cursor(&mut self, source: &str, cursor: Option<&str>) -> Result<(), StorageError> {
        let Some(cursor) = cursor else {
            return sqlx::query!("delete from catalogue_sources where source = ?1", source)
                .execute(self.connection())
                .await
                .map(drop)
                .map_err(storage_error);
        };
        sqlx::query!(
            r#"
            insert into catalogue_sources (source, cursor) values (?1, ?2)
            on conflict (source) do update set cursor = excluded.cursor
            "#,
            source,
            cursor
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(storage_error)
    }
}
