//! The catalogue.

mod row;
mod search;
mod write;

use async_trait::async_trait;
use ostiary_model::catalogue::{CatalogueHit, CatalogueServer, CatalogueTool, CatalogueTotals};
use ostiary_storage::{CatalogueFilter, Page, PageRequest, ReadCatalogue, StorageError};

use self::row::{ToolRow, select_servers};
use crate::error::storage_error;
use crate::store::SqliteStore;

#[async_trait]
impl ReadCatalogue for SqliteStore {
    async fn get_catalogue_server(&self, slug: &str) -> Result<Option<CatalogueServer>, StorageError> {
        select_servers!("from catalogue_servers s where s.slug = ?1", slug)
            .fetch_optional(&self.readers)
            .await
            .map_err(storage_error)?
            .map(CatalogueServer::try_from)
            .transpose()
    }

    async fn find_catalogue_server(&self, key: &str) -> Result<Option<CatalogueServer>, StorageError> {
        select_servers!("from catalogue_servers s where s.key = ?1", key)
            .fetch_optional(&self.readers)
            .await
            .map_err(storage_error)?
            .map(CatalogueServer::try_from)
            .transpose()
    }

    async fn list_catalogue_servers(
        &self,
        words: &[String],
        page: PageRequest<String>,
    ) -> Result<Page<CatalogueServer>, StorageError> {
        self.search_servers(words, page).await
    }

    async fn list_catalogue_tools(&self, slug: &str) -> Result<Vec<CatalogueTool>, StorageError> {
        sqlx::query_as!(
            ToolRow,
            r#"
            select name, definition, category, risk, tokens, findings from catalogue_tools
            where server_slug = ?1 order by name
            "#,
            slug
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?
        .into_iter()
        .map(CatalogueTool::try_from)
        .collect()
    }

    async fn get_catalogue_tool(&self, slug: &str, name: &str) -> Result<Option<CatalogueTool>, StorageError> {
        sqlx::query_as!(
            ToolRow,
            r#"
            select name, definition, category, risk, tokens, findings from catalogue_tools
            where server_slug = ?1 and name = ?2
            "#,
            slug,
            name
        )
        .fetch_optional(&self.readers)
        .await
        .map_err(storage_error)?
        .map(CatalogueTool::try_from)
        .transpose()
    }

    async fn search_catalogue_tools(
        &self,
        filter: &CatalogueFilter,
        page: PageRequest<i64>,
    ) -> Result<Page<CatalogueHit>, StorageError> {
        self.search_tools(filter, page).await
    }

    async fn list_similar_catalogue_servers(
        &self,
        slug: &str,
        names: &[String],
        limit: u32,
    ) -> Result<Vec<CatalogueServer>, StorageError> {
        self.similar_servers(slug, names, limit).await
    }

    async fn count_catalogue(&self) -> Result<CatalogueTotals, StorageError> {
        sqlx::query_as!(
            CatalogueTotals,
            r#"
            select
                (select count(*) from catalogue_servers) as "servers!: i64",
                (select count(*) from catalogue_tools) as "tools!: i64"
            "#
        )
        .fetch_one(&self.readers)
        .await
        .map_err(storage_error)
    }

    async fn get_catalogue_cursor(&self, source: &str) -> Result<Option<String>, StorageError> {
        sqlx::query_scalar!("select cursor from catalogue_sources where source = ?1", source)
            .fetch_optional(&self.readers)
            .await
            .map_err(storage_error)
    }
}
