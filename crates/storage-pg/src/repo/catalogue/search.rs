//! The search of the catalogue.

use super::row::{HitRow, ServerRow, select_hits, select_servers};
use crate::error::storage_error;
use crate::row::{one_more, to_page};
use crate::store::PgStore;
use crate::within::Within as _;
use ostiary_model::catalogue::{CatalogueHit, CatalogueServer};
use ostiary_model::tool::Category;
use ostiary_storage::{CatalogueFilter, Page, PageRequest, StorageError, asked_words};
use sqlx::{Postgres, Transaction};

// A search does not know how frequent its words are, and PostgreSQL does not either. It reads rows in their order, which
// is the best for what is frequent, and asks the index of words, which gives all that there is in no order and is the best
// for what is rare; each as far as it costs little, one after the other.

/// Rows that are read first, in three milliseconds: they have a page of whatever a hundredth of all have. Of what a tenth
/// have, the index would take thirty milliseconds to say where the first is.
const NEAR: i64 = 4_000;

/// What is found less often is rare, and is taken from the index.
const RARE: i64 = 4_000;

/// Rows that are read for what is not rare. What is not among them stands together elsewhere, and is taken from the index
/// at last, however much it is.
const FAR: i64 = 16_000;

/// Tools that are looked at for servers that are similar.
const SIMILAR_MAX: i64 = 4_000;

/// Servers that are read first: there are fewer of them, and the index has fewer of each word.
const NEAR_SERVERS: i64 = 500;

/// What has so many rows at most by its longest word, is looked through for the others: the index would gather all rows of
/// each word, and a tenth of all have some words.
const NARROW: i64 = 1_000;

/// What has all of the words, or words that begin with them, and is of the category.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    text: String,
    /// Of the longest word alone: as a rule it is the one that the fewest have.
    longest: String,
    /// That is all that there is.
    is_one: bool,
}

impl Query {
    /// None when nothing is asked for.
    fn of(words: &[String], category: Option<Category>) -> Option<Self> {
        let words = asked_words(words);
        let longest = format!("{}:*", words.iter().max_by_key(|word| word.len())?);
        let words = words.iter().map(|word| format!("{word}:*"));
        let category = category.map(|category| format!("'={category}'"));
        let text = words.chain(category).collect::<Vec<_>>().join(" & ");
        Some(Self { is_one: text == longest, text, longest })
    }
}

impl PgStore {
    /// A transaction in which every search is planned for its own words: how many rows a word has decides where to begin,
    /// and a plan that is made once for all words begins at the wrong end for most of them. Reading the whole table is
    /// never right: PostgreSQL has no idea how rare the beginning of a word is.
    async fn begin_search(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let begin = "begin read only; set local plan_cache_mode = force_custom_plan; set local enable_seqscan = off";
        self.pool.begin_with(begin).within(self.patience).await
    }

    /// Servers with the words, in the order in which they were first imported; all of them by slug without words.
    pub(super) async fn search_servers(
        &self,
        words: &[String],
        page: PageRequest<String>,
    ) -> Result<Page<CatalogueServer>, StorageError> {
        let after = page.after.unwrap_or_default();
        let limit = one_more(page.limit);
        let rows = match Query::of(words, None) {
            None => {
                select_servers!("from catalogue_servers s where s.slug > $1 order by s.slug limit $2", after, limit)
                    .fetch_all(&self.pool)
                    .within(self.patience)
                    .await
            }
            Some(query) => self.find_servers(&query, &after, limit).await,
        };
        to_page(rows.map_err(storage_error)?, page.limit, CatalogueServer::try_from)
    }

    async fn find_servers(&self, query: &Query, after: &str, limit: i64) -> Result<Vec<ServerRow>, sqlx::Error> {
        let mut tx = self.begin_search().await?;
        let Query { text: query, is_one, .. } = query;
        if *is_one {
            let near = self.servers_among(&mut tx, query, after, limit, NEAR_SERVERS).await?;
            if is_whole(&near, limit) {
                return Ok(near);
            }
        }
        let few = sqlx::query_scalar!(
            "select id from catalogue_servers where search @@ $1::text::tsquery limit $2",
            query,
            RARE
        );
        let few = few.fetch_all(&mut *tx).within(self.patience).await?;
        if !is_whole(&few, RARE) {
            return self.servers_of(&mut tx, &few, after, limit).await;
        }
        let far = self.servers_among(&mut tx, query, after, limit, FAR).await?;
        if is_whole(&far, limit) {
            return Ok(far);
        }
        let all = sqlx::query_scalar!("select id from catalogue_servers where search @@ $1::text::tsquery", query);
        let all = all.fetch_all(&mut *tx).within(self.patience).await?;
        self.servers_of(&mut tx, &all, after, limit).await
    }

    /// Servers with the words among so many rows behind one.
    async fn servers_among(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        query: &str,
        after: &str,
        limit: i64,
        rows: i64,
    ) -> Result<Vec<ServerRow>, sqlx::Error> {
        select_servers!(
            r#"from (
                select * from catalogue_servers
                where id > coalesce((select id from catalogue_servers where slug = $2), 0) order by id limit $4
            ) s
            where s.search @@ $1::text::tsquery order by s.id limit $3"#,
            query,
            after,
            limit,
            rows
        )
        .fetch_all(&mut **tx)
        .within(self.patience)
        .await
    }

    /// The next of some servers.
    async fn servers_of(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        ids: &[i64],
        after: &str,
        limit: i64,
    ) -> Result<Vec<ServerRow>, sqlx::Error> {
        select_servers!(
            r#"from catalogue_servers s
            where s.id = any($1) and s.id > coalesce((select id from catalogue_servers where slug = $2), 0)
            order by s.id limit $3"#,
            ids,
            after,
            limit
        )
        .fetch_all(&mut **tx)
        .within(self.patience)
        .await
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
        let rows = match (Query::of(&filter.words, filter.category), category, filter.has_findings) {
            (Some(query), _, has_findings) => self.find_tools(&query, has_findings, after, limit).await,
            (None, category, true) => {
                select_hits!(
                    r#"from catalogue_tools t join catalogue_servers s on s.slug = t.server_slug
                where t.findings <> '' and t.id > $1 and ($2::text is null or t.category = $2)
                order by t.id limit $3"#,
                    after,
                    category,
                    limit
                )
                .fetch_all(&self.pool)
                .within(self.patience)
                .await
            }
            (None, Some(category), false) => {
                select_hits!(
                    r#"from catalogue_tools t join catalogue_servers s on s.slug = t.server_slug
                where t.category = $1 and t.id > $2 order by t.id limit $3"#,
                    category,
                    after,
                    limit
                )
                .fetch_all(&self.pool)
                .within(self.patience)
                .await
            }
            (None, None, false) => {
                select_hits!(
                    r#"from catalogue_tools t join catalogue_servers s on s.slug = t.server_slug
                where t.id > $1 order by t.id limit $2"#,
                    after,
                    limit
                )
                .fetch_all(&self.pool)
                .within(self.patience)
                .await
            }
        };
        to_page(rows.map_err(storage_error)?, page.limit, CatalogueHit::try_from)
    }

    async fn find_tools(
        &self,
        query: &Query,
        has_findings: bool,
        after: i64,
        limit: i64,
    ) -> Result<Vec<HitRow>, sqlx::Error> {
        let mut tx = self.begin_search().await?;
        let Query { text: query, longest, is_one } = query;
        if *is_one {
            let near = self.tools_among(&mut tx, query, has_findings, after, limit, NEAR).await?;
            if is_whole(&near, limit) {
                return Ok(near);
            }
        } else {
            let narrow = self.tools_with(&mut tx, longest, query, has_findings).await?;
            if !is_whole(&narrow, NARROW) {
                let found = narrow.into_iter().filter_map(|(id, is_found)| is_found.then_some(id)).collect();
                return self.tools_of(&mut tx, found, after, limit).await;
            }
        }
        let few = self.tools_by_index(&mut tx, query, has_findings, RARE).await?;
        if !is_whole(&few, RARE) {
            return self.tools_of(&mut tx, few, after, limit).await;
        }
        let far = self.tools_among(&mut tx, query, has_findings, after, limit, FAR).await?;
        if is_whole(&far, limit) {
            return Ok(far);
        }
        let all = self.tools_by_index(&mut tx, query, has_findings, i64::MAX).await?;
        self.tools_of(&mut tx, all, after, limit).await
    }

    /// Tools with the words among so many rows behind one.
    async fn tools_among(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        query: &str,
        has_findings: bool,
        after: i64,
        limit: i64,
        rows: i64,
    ) -> Result<Vec<HitRow>, sqlx::Error> {
        select_hits!(
            r#"from (
                select * from (select * from catalogue_tools where id > $2 order by id limit $5) n
                where n.search @@ $1::text::tsquery and (not $3 or n.findings <> '') order by n.id limit $4
            ) t join catalogue_servers s on s.slug = t.server_slug order by t.id"#,
            query,
            after,
            has_findings,
            limit,
            rows
        )
        .fetch_all(&mut **tx)
        .within(self.patience)
        .await
    }

    /// Some tools with the longest word, and whether they pass as a whole.
    async fn tools_with(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        longest: &str,
        query: &str,
        has_findings: bool,
    ) -> Result<Vec<(i64, bool)>, sqlx::Error> {
        let rows = sqlx::query!(
            r#"select id, search @@ $2::text::tsquery and (not $3 or findings <> '') as "is_found!"
            from (select id, search, findings from catalogue_tools where search @@ $1::text::tsquery limit $4) narrow"#,
            longest,
            query,
            has_findings,
            NARROW
        );
        let rows = rows.fetch_all(&mut **tx).within(self.patience).await?;
        Ok(rows.into_iter().map(|row| (row.id, row.is_found)).collect())
    }

    /// So many tools with the words, in no order.
    async fn tools_by_index(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        query: &str,
        has_findings: bool,
        rows: i64,
    ) -> Result<Vec<i64>, sqlx::Error> {
        let found = sqlx::query_scalar!(
            r#"select id from catalogue_tools
            where search @@ $1::text::tsquery and (not $2 or findings <> '') limit $3"#,
            query,
            has_findings,
            rows
        );
        found.fetch_all(&mut **tx).within(self.patience).await
    }

    /// The next of some tools.
    async fn tools_of(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        mut ids: Vec<i64>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<HitRow>, sqlx::Error> {
        ids.retain(|id| *id > after);
        ids.sort_unstable();
        ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        select_hits!(
            r#"from catalogue_tools t join catalogue_servers s on s.slug = t.server_slug
            where t.id = any($1) order by t.id"#,
            &ids
        )
        .fetch_all(&mut **tx)
        .within(self.patience)
        .await
    }

    /// Other servers with tools of these names, those with most of them first.
    pub(super) async fn similar_servers(
        &self,
        slug: &str,
        names: &[String],
        limit: u32,
    ) -> Result<Vec<CatalogueServer>, StorageError> {
        let limit = i64::from(limit);
        let rows = select_servers!(
            r#"from (
                select n.server_slug, count(*) as shared
                from (select server_slug from catalogue_tools where name = any($1) limit $2) n
                where n.server_slug <> $3 group by n.server_slug order by shared desc, n.server_slug limit $4
            ) m join catalogue_servers s on s.slug = m.server_slug order by m.shared desc, s.slug"#,
            names,
            SIMILAR_MAX,
            slug,
            limit
        );
        let rows = rows.fetch_all(&self.pool).within(self.patience).await.map_err(storage_error)?;
        rows.into_iter().map(CatalogueServer::try_from).collect()
    }
}

/// Whether as many were found as were asked for.
fn is_whole<T>(found: &[T], limit: i64) -> bool {
    i64::try_from(found.len()).is_ok_and(|found| found >= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_of_words_has_no_operators_but_ours() {
        let words = ["create\" OR*".to_owned(), "':(".to_owned()];
        let query = Query::of(&words, Some(Category::Read)).unwrap();
        assert_eq!((query.text.as_str(), query.longest.as_str()), ("create:* & or:* & '=read'", "create:*"));
        assert!(!query.is_one && Query::of(&words[..1], None).is_some());
        assert_eq!(Query::of(&["-".to_owned()], Some(Category::Read)), None);
        assert!(Query::of(&["read".to_owned()], None).unwrap().is_one);
    }
}
