//! Names and texts as words: lower case, without accents, with the pauses between them.

/// What stands between a word and the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pause {
    /// A space, a hyphen, a quotation mark.
    None,
    /// A comma or a slash: a list goes on.
    Comma,
    /// A colon, a semicolon, a dash, a bracket.
    Clause,
    /// The end of a sentence or of a line.
    Sentence,
}

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) pause: Pause,
}

/// Words of a description that are looked at: what a tool does is said at its beginning, and the work stays bounded.
const WORDS_MAX: usize = 400;
/// Words of a name that are looked at.
const NAME_WORDS_MAX: usize = 24;

/// Cuts a name at `_`, `-`, `.`, `/` and other signs, and at the humps of camel case (`getHTTPStatus`).
pub(crate) fn name_words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous: Option<char> = None;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            push(&mut words, &mut word);
            previous = None;
            continue;
        }
        let follows_small = previous.is_some_and(|p| p.is_lowercase() || p.is_ascii_digit());
        let ends_acronym =
            previous.is_some_and(char::is_uppercase) && chars.peek().is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && (follows_small || ends_acronym) {
            push(&mut words, &mut word);
        }
        fold(c, &mut word);
        previous = Some(c);
    }
    push(&mut words, &mut word);
    words.truncate(NAME_WORDS_MAX);
    join_name(&mut words);
    words
}

fn push(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Cuts a text into its first words, each with the pause after it.
pub(crate) fn text_words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_inner_apostrophe = matches!(c, '\'' | '’') && !word.is_empty();
        if c.is_alphanumeric() {
            fold(c, &mut word);
            continue;
        }
        if is_inner_apostrophe {
            continue;
        }
        if !word.is_empty() {
            words.push(Word { text: std::mem::take(&mut word), pause: Pause::None });
        }
        if words.len() >= WORDS_MAX {
            break;
        }
        let pause = match c {
            // A dot inside a name (`nfe.io`) or a number is no full stop.
            '.' if chars.peek().is_some_and(|next| next.is_alphanumeric()) => Pause::None,
            '.' | '!' | '?' | '\n' | '。' => Pause::Sentence,
            ':' | ';' | '(' | ')' | '[' | ']' | '—' | '–' | '→' => Pause::Clause,
            ',' | '/' | '&' | '|' => Pause::Comma,
            _ => Pause::None,
        };
        if let Some(last) = words.last_mut() {
            last.pause = last.pause.max(pause);
        }
    }
    if !word.is_empty() && words.len() < WORDS_MAX {
        words.push(Word { text: word, pause: Pause::Sentence });
    }
    join_text(&mut words);
    words
}

/// Verbs of several words, which the lexicon has as one.
const PHRASES: &[&[&str]] = &[
    &["dar", "de", "baja"],
    &["da", "de", "baja"],
    &["dar", "baixa"],
    &["check", "out"],
    &["checks", "out"],
    &["cash", "out"],
    &["top", "up"],
    &["pay", "out"],
    &["roll", "back"],
    &["rolls", "back"],
    &["shut", "down"],
    &["set", "up"],
    &["dry", "run"],
    &["tear", "down"],
    &["tears", "down"],
    &["time", "out"],
    &["times", "out"],
];

/// How many words of the phrase that begins at `index`, if one does.
fn phrase_at<'a>(index: usize, word: impl Fn(usize) -> Option<&'a str>) -> Option<usize> {
    let begins = |phrase: &&&[&str]| phrase.iter().enumerate().all(|(at, part)| word(index + at) == Some(*part));
    PHRASES.iter().find(begins).map(|phrase| phrase.len())
}

fn join_name(words: &mut Vec<String>) {
    for index in 0..words.len() {
        if let Some(length) = phrase_at(index, |at| words.get(at).map(String::as_str)) {
            let joined = words.drain(index..index + length).collect();
            words.insert(index, joined);
        }
    }
}

/// The pause after a phrase is the one after its last word; a pause inside it makes it none.
fn join_text(words: &mut Vec<Word>) {
    for index in 0..words.len() {
        let length = phrase_at(index, |at| {
            let is_inside = words.get(index..at).is_none_or(|before| before.iter().all(|w| w.pause == Pause::None));
            words.get(at).filter(|_| is_inside).map(|word| word.text.as_str())
        });
        if let Some(length) = length {
            let phrase: Vec<Word> = words.drain(index..index + length).collect();
            let pause = phrase.last().map_or(Pause::None, |word| word.pause);
            words.insert(index, Word { text: phrase.into_iter().map(|word| word.text).collect(), pause });
        }
    }
}

/// Appends a character in lower case, without the accents of Spanish and Portuguese.
fn fold(c: char, into: &mut String) {
    for c in c.to_lowercase() {
        into.push(match c {
            'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            other => other,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_words_snake_camel_kebab_and_acronyms_are_cut() {
        for (name, words) in [
            ("create_pix_charge", vec!["create", "pix", "charge"]),
            ("linear_getReleaseNotes", vec!["linear", "get", "release", "notes"]),
            ("execute-tool", vec!["execute", "tool"]),
            ("getHTTPStatus", vec!["get", "http", "status"]),
            ("SLACK_ADD_EMOJI", vec!["slack", "add", "emoji"]),
            ("policies.create", vec!["policies", "create"]),
            ("emitirNotaFiscalEletrônica", vec!["emitir", "nota", "fiscal", "eletronica"]),
            ("__", vec![]),
        ] {
            assert_eq!(name_words(name), words, "{name}");
        }
    }

    #[test]
    fn text_words_keep_the_pauses() {
        let words = text_words("Creates, or updates, a file. Can't v1.2 (see docs)");
        let seen: Vec<_> = words.iter().map(|word| (word.text.as_str(), word.pause)).collect();
        assert_eq!(seen.first(), Some(&("creates", Pause::Comma)));
        assert!(seen.contains(&("file", Pause::Sentence)));
        assert!(seen.contains(&("cant", Pause::None)));
        assert!(seen.contains(&("v1", Pause::None)));
        assert!(seen.contains(&("docs", Pause::Clause)));
    }

    #[test]
    fn text_words_of_a_very_long_text_are_bounded() {
        assert!(text_words(&"word ".repeat(100_000)).len() <= WORDS_MAX);
    }
}
