//! The search of the catalogue.

use ostiary_model::catalogue::{CatalogueHit, CatalogueServer};
use ostiary_model::tool::Category;
use ostiary_storage::{CatalogueFilter, Page, PageRequest, StorageError, asked_words};

use super::row::{select_hits, select_servers};
use crate::error::storage_error;
use crate::row::{one_more, to_json, to_page};
use crate::store::SqliteStore;

/// Tools that are looked at for servers that are similar.
const SIMILAR_MAX: i64 = 4_000;

/// What has all of the words, or words that begin with them, and is of the category; none when nothing is asked for.
fn query(words: &[String], category: Option<Category>) -> Option<String> {
    let words = asked_words(words);
    if words.is_empty() {
        return None;
    }
    let words = words.into_iter().map(|word| format!("\"{word}\"*"));
    let category = category.map(|category| format!("\"={category}\""));
    Some(words.chain(category).collect::<Vec<_>>().join(" "))
}

impl SqliteStore {
    /// Servers with the words, in the order in which they were first imported; all of them by slug without words.
    pub(super) async fn search_servers(
        &self,
        words: &[String],
        page: PageRequest<String>,
    ) -> Result<Page<CatalogueServer>, StorageError> {
        let after = page.after.unwrap_or_default();
        let limit = one_more(page.limit);
        let rows = match query(words, None) {
            None => {
                select_servers!("from catalogue_servers s where s.slug > ?1 order by s.slug limit ?2", after, limit)
                    .fetch_all(&self.readers)
                    .await
            }
            Some(query) => {
                select_servers!(
                    r#"from catalogue_servers_search f join catalogue_servers s on s.id = f.rowid
                where catalogue_servers_search match ?1
                    and f.rowid > coalesce((select id from catalogue_servers where slug = ?2), 0)
                order by f.rowid limit ?3"#,
                    query,
                    after,
                    limit
                )
                .fetch_all(&self.readers)
                .await
            }
        };
        to_page(rows.map_err(storage_error)?, page.limit, CatalogueServer::try_from)
    }

    /// Tools that pass the filter, in the order in which they were imported.
    pub(super) async fn search_tools(
        &self,
        filter: &CatalogueFilter,
        page: PageRequest<i64>,
    ) -> Result<Page<CatalogueHit>, StorageError> {
        let after = page.after.unwrap_or(-1);
        let limit = one_more(page.limit);
        let category = filter.category.map(Category::as_str);
        let rows = match (query(&filter.words, filter.category), category, filter.has_findings) {
            (Some(query), _, has_findings) => {
                select_hits!(
                    r#"from catalogue_tools_search f
                join catalogue_tools t on t.id = f.rowid join catalogue_servers s on s.slug = t.server_slug
                where catalogue_tools_search match ?1 and f.rowid > ?2 and (not ?3 or t.findings <> '')
                order by f.rowid limit ?4"#,
                    query,
                    after,
                    has_findings,
                    limit
                )
                .fetch_all(&self.readers)
                .await
            }
            (None, category, true) => {
                select_hits!(
                    r#"from catalogue_tools t join catalogue_servers s on s.slug = t.server_slug
                where t.findings <> '' and t.id > ?1 and (?2 is null or t.category = ?2)
                order by t.id limit ?3"#,
                    after,
                    category,
                    limit
                )
                .fetch_all(&self.readers)
                .await
            }
            (None, Some(category), false) => {
                select_hits!(
                    r#"from catalogue_tools t join catalogue_servers s on s.slug = t.server_slug
                where t.category = ?1 and t.id > ?2 order by t.id limit ?3"#,
                    category,
                    after,
                    limit
                )
                .fetch_all(&self.readers)
                .await
            }
            (None, None, false) => {
                select_hits!(
                    r#"from catalogue_tools t join catalogue_servers s on s.slug = t.server_slug
                where t.id > ?1 order by t.id limit ?2"#,
                    after,
                    limit
                )
                .fetch_all(&self.readers)
                .await
            }
        };
        to_page(rows.map_err(storage_error)?, page.limit, CatalogueHit::try_from)
    }

    /// Other servers with tools of these names, those with most of them first.
    pub(super) async fn similar_servers(
        &self,
        slug: &str,
        names: &[String],
        limit: u32,
    ) -> Result<Vec<CatalogueServer>, StorageError> {
        let names = to_json(names)?;
        let limit = i64::from(limit);
        let rows = select_servers!(
            r#"from (
                select n.server_slug, count(*) as shared
                from (
                    select server_slug from catalogue_tools where name in (select value from json_each(?1)) limit ?2
                ) n
                where n.server_slug <> ?3 group by n.server_slug order by shared desc, n.server_slug limit ?4
            ) m join catalogue_servers s on s.slug = m.server_slug order by m.shared desc, s.slug"#,
            names,
            SIMILAR_MAX,
            slug,
            limit
        );
        let rows = rows.fetch_all(&self.readers).await.map_err(storage_error)?;
        rows.into_iter().map(CatalogueServer::try_from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_of_words_has_no_operators_but_ours() {
        let words = ["create\" OR*".to_owned(), "':(".to_owned()];
        assert_eq!(query(&words, Some(Category::Read)).as_deref(), Some(r#""create"* "or"* "=read""#));
        assert_eq!(query(&["-".to_owned()], Some(Category::Read)), None);
    }
}
