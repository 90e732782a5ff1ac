//! Words of the catalogue's search: the same in what is kept and in what is asked, and the same on every backend.
//!
//! A word is a run of letters and digits, in small letters, without accents; `createSession` and `create_session` are two
//! words each. Databases get them ready made, so that none has an opinion of its own.

use std::collections::HashSet;

/// Most words of a tool or a server; its name comes first.
const KEPT_MAX: usize = 160;
/// Most words of a question.
const ASKED_MAX: usize = 8;
/// Letters of a word that count.
const LETTERS_MAX: usize = 40;

/// The words of these texts, each once, with blanks between them: what a database keeps for the search.
#[must_use]
pub(super) fn kept_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut seen = HashSet::new();
    let words = texts.into_iter().flat_map(words).filter(|word| seen.insert(word.clone())).take(KEPT_MAX);
    words.collect::<Vec<_>>().join(" ")
}

/// The words of a question, each of which what is found has, or a word that begins with it.
///
/// SECURITY: letters and digits only, so that nobody writes the operators of a database's search.
#[must_use]
pub fn asked_words(words_given: &[String]) -> Vec<String> {
    words_given.iter().flat_map(|text| words(text)).take(ASKED_MAX).collect()
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_small = false;
    for c in text.chars() {
        // A capital behind a small letter begins a word.
        if !c.is_alphanumeric() || (was_small && c.is_uppercase()) {
            take(&mut word, &mut words);
        }
        was_small = c.is_lowercase();
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase().map(without_accent));
        }
    }
    take(&mut word, &mut words);
    words
}

fn take(word: &mut String, words: &mut Vec<String>) {
    // Letters that become two in small ones, such as `İ`, leave a mark that is no letter.
    let kept: String = std::mem::take(word).chars().filter(|c| c.is_alphanumeric()).take(LETTERS_MAX).collect();
    if !kept.is_empty() {
        words.push(kept);
    }
}

/// The letter below the accent, for small letters of the languages of western Europe.
const fn without_accent(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ī' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ś' | 'š' => 's',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_words_are_small_without_accents_and_each_once() {
        for (text, words) in [
            ("create_session", "create session"),
            ("createSession of HTTPServer2", "create session of httpserver2"),
            ("Emissão de Notas; NOTAS", "emissao de notas"),
            ("İ \0 —", "i"),
            ("搜索 工具", "搜索 工具"),
        ] {
            assert_eq!(kept_words([text]), words);
        }
        assert_eq!(kept_words(["a b", "b c"]), "a b c");
    }

    #[test]
    fn asked_words_have_no_operators_and_are_few() {
        let given = ["create\" OR x*".to_owned(), "':(é".to_owned(), "a ".repeat(20)];
        assert_eq!(asked_words(&given), ["create", "or", "x", "e", "a", "a", "a", "a"]);
    }
}
