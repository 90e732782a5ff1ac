//! A tool's name: which of its words is the verb, and what the verb acts on.

use crate::lexicon::{self, Act, Kind, Verb};
use crate::object::Object;

/// What a name says.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) verb: Verb,
    pub(crate) word: String,
    pub(crate) object: Object,
}

/// The words of the name without those of the server's at its beginning (`linear_create_issue` on `linear`).
pub(crate) fn without_server<'a>(words: &'a [String], server: &[String]) -> &'a [String] {
    let mut words = words;
    while let Some((first, rest)) = words.split_first() {
        let is_server = server.contains(first) && !lexicon::verb(first).is_some_and(|verb| verb.is_strict);
        if rest.is_empty() || !is_server {
            break;
        }
        words = rest;
    }
    words
}

/// The verbs of a name, the governing one first; `create_or_update_file` has two.
pub(crate) fn readings(words: &[String]) -> Vec<Reading> {
    let Some(head) = head(words) else { return Vec::new() };
    let mut readings: Vec<_> = reading(words, head).into_iter().collect();
    for (index, pair) in words.windows(2).enumerate().skip(head) {
        let [joint, next] = pair else { continue };
        if lexicon::is(joint, Kind::Conjunction) && lexicon::verb(next).is_some() {
            readings.extend(reading(words, index + 1));
        }
    }
    readings
}

fn reading(words: &[String], index: usize) -> Option<Reading> {
    let word = words.get(index)?;
    let verb = lexicon::verb(word)?;
    let after = words.get(index + 1..).unwrap_or_default();
    let object = Object::of_name(after);
    // `policy_delete`, `refund_create`: the object comes first.
    let object = if object.is_empty() { Object::of_name(words.get(..index).unwrap_or_default()) } else { object };
    Some(Reading { verb, word: word.clone(), object })
}

/// Where the governing verb is: a first word that is a verb, else the first that cannot be a noun, else a noun-verb at
/// the end or behind one unknown word (`pg_query`, `acme_refund`).
fn head(words: &[String]) -> Option<usize> {
    // `move_card_to_list`: what stands behind a preposition is where it goes.
    let is_place = |index: usize| {
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        before.is_some_and(|word| lexicon::is(word, Kind::Preposition) && !lexicon::is(word, Kind::Conjunction))
    };
    let is_strict = |index: usize| {
        !is_place(index) && words.get(index).and_then(|word| lexicon::verb(word)).is_some_and(|verb| verb.is_strict)
    };
    let last = words.len().checked_sub(1)?;
    // `build_get_changes`, `repo_reply_to_comment`: a noun-verb before a plain verb says what it is about.
    let is_plain = words.get(1).and_then(|word| lexicon::verb(word)).is_some_and(|verb| verb.act != Act::Pay);
    if acts(words, 0) && !is_strict(0) && is_strict(1) && is_plain {
        return Some(1);
    }
    // `issue_read`, `label_write`: the first word is the noun, the last one the verb.
    if acts(words, 0) && (is_strict(0) || !is_strict(last)) {
        return Some(0);
    }
    let strict = (0..words.len()).find(|&index| is_strict(index));
    if strict.is_some() {
        return strict;
    }
    [last, 1].into_iter().find(|&index| {
        // `sales_report`, `exchange_rate`: information at the end is a noun.
        acts(words, index) && words.get(index).is_some_and(|word| !lexicon::is(word, Kind::Information))
    })
}

/// Whether the word is a verb where it stands.
fn acts(words: &[String], index: usize) -> bool {
    let Some(verb) = words.get(index).and_then(|word| lexicon::verb(word)) else { return false };
    if verb.is_strict {
        return true;
    }
    // A plural is a noun: `orders`, `payments_report`. So is what only information follows: `refund_status`.
    let rest = words.get(index + 1..).unwrap_or_default();
    let is_compound = !rest.is_empty() && rest.iter().all(|word| lexicon::is(word, Kind::Information));
    !verb.is_inflected && !is_compound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::name_words;

    #[test]
    fn readings_verb_is_found_wherever_it_stands() {
        for (name, verbs) in [
            ("create_issue", vec!["create"]),
            ("policy_delete", vec!["delete"]),
            ("create_or_update_file", vec!["create", "update"]),
            ("getAndDeleteMessage", vec!["get", "delete"]),
            ("pg_query", vec!["query"]),
            ("webpay_create_transaction", vec!["create"]),
            ("refund_status", vec![]),
            ("list_deleted_items", vec!["list"]),
            ("weather", vec![]),
            ("move_card_to_list", vec!["move"]),
        ] {
            let seen: Vec<_> = readings(&name_words(name)).into_iter().map(|reading| reading.word).collect();
            assert_eq!(seen, verbs, "{name}");
        }
    }

    #[test]
    fn without_server_keeps_a_verb_and_the_last_word() {
        let server = name_words("linear-query");
        assert_eq!(without_server(&name_words("linear_create_issue"), &server), name_words("create_issue"));
        assert_eq!(without_server(&name_words("query"), &server), name_words("query"));
    }
}
