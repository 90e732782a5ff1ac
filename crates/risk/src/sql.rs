//! SQL: reading when the text says read-only, destructive when it names DELETE or DROP, else execute.

use crate::Category;
use crate::description::Description;
use crate::lexicon::{self, Kind};
use crate::schema::Parameters;

/// What the rule says of a tool that takes SQL, with the words that say it; nothing for other tools.
pub(crate) fn judge(
    name: &[String],
    server: &[String],
    description: &Description,
    parameters: &Parameters<'_>,
) -> Option<(Category, String)> {
    let is_sql = |word: &str| lexicon::is(word, Kind::Sql);
    let asks_query =
        name.iter().any(|word| matches!(word.as_str(), "query" | "statement" | "database" | "db" | "select" | "pg"));
    let takes_sql = name.iter().any(|word| is_sql(word))
        || description.mentions(Kind::Sql, 3).is_some()
        || parameters.names().any(|name| name.eq_ignore_ascii_case("sql"))
        || (asks_query && server.iter().any(|word| is_sql(word)));
    let has_no_text = description.is_empty();
    if !(takes_sql || (asks_query && has_no_text)) {
        return None;
    }
    if let Some(phrase) = read_only(description) {
        return Some((Category::Read, phrase));
    }
    let destroys = name.iter().map(String::as_str).chain(description.opening(4));
    if let Some(word) = destroys.into_iter().find(|word| lexicon::is(word, Kind::SqlDestroys)) {
        return Some((Category::Destructive, word.to_owned()));
    }
    Some((Category::Execute, "sql".to_owned()))
}

/// The words that promise a query which changes nothing, unless they are denied or only a default.
fn read_only(description: &Description) -> Option<String> {
    const PHRASES: [&[&str]; 9] = [
        &["read", "only"],
        &["readonly"],
        &["only", "select"],
        &["select", "only"],
        &["select", "queries"],
        &["select", "query"],
        &["select", "statements"],
        &["solo", "lectura"],
        &["somente", "leitura"],
    ];
    PHRASES.into_iter().find_map(|phrase| {
        let at = description.find(phrase)?;
        let after = description.word(at + phrase.len());
        let is_conditional = matches!(after, Some("by" | "mode" | "unless" | "if" | "when" | "or" | "flag" | "and"));
        (!description.is_denied(at) && !is_conditional).then(|| phrase.join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::name_words;

    #[test]
    fn judge_sql_by_what_the_text_says() {
        for (name, text, category) in [
            ("query", "Run a read-only SQL query", Some(Category::Read)),
            ("query", "Run any SQL; INSERT, UPDATE and DELETE included", Some(Category::Destructive)),
            ("query", "Run a read-only SQL query. DELETE and DROP are rejected", Some(Category::Read)),
            ("execute_sql", "Execute SQL. Not read-only.", Some(Category::Execute)),
            ("execute_sql", "Executes SQL, read-only by default", Some(Category::Execute)),
            ("consulta", "Executa uma consulta SQL somente leitura", Some(Category::Read)),
            ("query", "", Some(Category::Execute)),
            ("query_pages", "Query the pages of a notebook", None),
        ] {
            let seen = judge(&name_words(name), &[], &Description::new(text), &Parameters::default());
            assert_eq!(seen.map(|(category, _)| category), category, "{name}: {text}");
        }
    }
}
