//! The catalogue. It belongs to no account: everybody may read it, and an import writes it.

mod words;

use async_trait::async_trait;
use ostiary_model::catalogue::{CatalogueHit, CatalogueServer, CatalogueTool, CatalogueTotals};
use ostiary_model::tool::Category;
use serde_json::Value;

use crate::{Page, PageRequest, StorageError};

pub use words::asked_words;
use words::kept_words;

/// Which tools of the catalogue.
#[derive(Clone, Debug, Default)]
pub struct CatalogueFilter {
    /// With all of these words, or words that begin with them, in name or description.
    pub words: Vec<String>,
    /// Of this category.
    pub category: Option<Category>,
    /// Only those with something wrong in their definition.
    pub has_findings: bool,
}

/// Characters of a description that are kept for the search and for lists.
const DESCRIPTION_MAX: usize = 500;

/// The beginning of a tool's description, for the search and for lists.
#[must_use]
pub fn catalogue_text(definition: &Value) -> String {
    let text = ["description", "title"].into_iter().find_map(|name| definition.get(name).and_then(Value::as_str));
    // No database keeps U+0000 in a text.
    text.unwrap_or_default().chars().filter(|c| *c != '\0').take(DESCRIPTION_MAX).collect()
}

/// The words of a tool, for the search.
#[must_use]
pub fn tool_words(tool: &CatalogueTool) -> String {
    kept_words([&*tool.name, &*catalogue_text(&tool.definition)])
}

/// The words of a server, for the search.
#[must_use]
pub fn server_words(server: &CatalogueServer) -> String {
    kept_words([&*server.name, server.description.as_deref().unwrap_or_default()])
}

/// Reads the catalogue.
#[async_trait]
pub trait ReadCatalogue {
    /// The server of a page.
    async fn get_catalogue_server(&self, slug: &str) -> Result<Option<CatalogueServer>, StorageError>;

    /// The server that is known by the key.
    async fn find_catalogue_server(&self, key: &str) -> Result<Option<CatalogueServer>, StorageError>;

    /// Servers by slug; with words, those that have all of them, or words that begin with them, in name or description,
    /// in the order in which they were first imported.
    async fn list_catalogue_servers(
        &self,
        words: &[String],
        page: PageRequest<String>,
    ) -> Result<Page<CatalogueServer>, StorageError>;

    /// All tools of a server, by name.
    async fn list_catalogue_tools(&self, slug: &str) -> Result<Vec<CatalogueTool>, StorageError>;

    /// A tool of a server.
    async fn get_catalogue_tool(&self, slug: &str, name: &str) -> Result<Option<CatalogueTool>, StorageError>;

    /// Tools of all servers, in the order in which they were imported.
    async fn search_catalogue_tools(
        &self,
        filter: &CatalogueFilter,
        page: PageRequest<i64>,
    ) -> Result<Page<CatalogueHit>, StorageError>;

    /// Other servers that have most tools of these names, as far as a look at some thousand tools tells; `names` has
    /// a few.
    async fn list_similar_catalogue_servers(
        &self,
        slug: &str,
        names: &[String],
        limit: u32,
    ) -> Result<Vec<CatalogueServer>, StorageError>;

    /// How much there is. Counts every row.
    async fn count_catalogue(&self) -> Result<CatalogueTotals, StorageError>;

    /// Where the import of a source is to go on.
    async fn get_catalogue_cursor(&self, source: &str) -> Result<Option<String>, StorageError>;
}

/// Writes the catalogue.
#[async_trait]
pub trait WriteCatalogue {
    /// Adds a server with its tools, or replaces the one of the same slug. Conflict: `catalogue_servers_key_key`.
    async fn put_catalogue_server(
        &mut self,
        server: &CatalogueServer,
        tools: &[CatalogueTool],
    ) -> Result<(), StorageError>;

    /// Removes the server that is known by the key, with its tools; answers whether it was there.
    async fn delete_catalogue_server(&mut self, key: &str) -> Result<bool, StorageError>;

    /// Notes where the import of a source is to go on; none when it is complete.
    async fn put_catalogue_cursor(&mut self, source: &str, cursor: Option<&str>) -> Result<(), StorageError>;
}
