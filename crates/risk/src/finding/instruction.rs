//! Instructions to the model that an honest definition has no use for.
//!
//! Saying how a tool is to be used is what descriptions are for. An instruction is a finding when it reaches for
//! something else (keys, files, the environment, earlier messages) or is to be kept from the user.

use super::texts::Text;
use super::{Finding, FindingCode, FindingSeverity};
use crate::text::{Pause, Word, text_words};

/// Bytes of a text that are looked at from its beginning, in pieces of so many words each.
const PIECE: usize = 4_000;

type Phrases = &'static [&'static [&'static str]];

/// Words that keep something from the user.
const SECRECY: Phrases = &[
    &["do", "not", "tell"],
    &["dont", "tell"],
    &["never", "tell"],
    &["do", "not", "mention"],
    &["dont", "mention"],
    &["never", "mention"],
    &["do", "not", "inform"],
    &["do", "not", "reveal"],
    &["never", "reveal"],
    &["do", "not", "notify"],
    &["without", "telling"],
    &["without", "informing"],
    &["without", "notifying"],
    &["without", "asking"],
    &["hide", "this", "from"],
    &["keep", "this", "from"],
    &["no", "le", "digas"],
    &["no", "menciones"],
    &["sin", "avisar"],
    &["sin", "informar"],
    &["nao", "conte"],
    &["nao", "mencione"],
    &["sem", "avisar"],
];

/// From whom.
const PEOPLE: &[&str] = &["user", "users", "human", "anyone", "usuario", "usuarios", "customer", "person"];

/// Words that speak to the model about something else than the tool's own arguments.
const DIRECTIVES: Phrases = &[
    &["before", "using", "this"],
    &["before", "using", "any"],
    &["before", "calling", "this"],
    &["before", "calling", "any"],
    &["before", "you", "use"],
    &["you", "must", "first"],
    &["first", "read"],
    &["first", "call"],
    &["always", "read"],
    &["always", "include"],
    &["always", "send"],
    &["must", "read"],
    &["must", "include"],
    &["must", "also"],
    &["must", "send"],
    &["important", "read"],
    &["make", "sure", "to"],
    &["ignore", "all"],
    &["ignore", "previous"],
    &["antes", "de", "usar"],
    &["debes", "leer"],
    &["deve", "ler"],
    &["siempre", "incluye"],
    &["sempre", "inclua"],
];

/// What takes hold of something, so that it gets out.
const TAKING: &[&str] = &[
    "read", "include", "send", "pass", "attach", "copy", "forward", "upload", "append", "extract", "collect", "paste",
    "provide", "insert", "put", "leer", "lee", "incluye", "envia", "ler", "leia", "inclua", "envie", "ignore",
];

/// What is worth taking.
const SECRETS: Phrases = &[
    &["ssh"],
    &["id", "rsa"],
    &["private", "key"],
    &["private", "keys"],
    &["etc", "passwd"],
    &["aws", "credentials"],
    &["env", "file"],
    &["mcp", "json"],
    &["environment", "variables"],
    &["users", "password"],
    &["users", "passwords"],
    &["users", "credentials"],
    &["all", "credentials"],
    &["all", "api", "keys"],
    &["users", "api", "keys"],
    &["seed", "phrase"],
    &["conversation", "history"],
    &["chat", "history"],
    &["full", "conversation"],
    &["entire", "conversation"],
    &["previous", "messages"],
    &["earlier", "messages"],
    &["system", "prompt"],
    &["previous", "instructions"],
    &["prior", "instructions"],
    &["earlier", "instructions"],
    &["all", "instructions"],
    &["claves", "privadas"],
    &["chaves", "privadas"],
    &["variables", "de", "entorno"],
    &["variaveis", "de", "ambiente"],
    &["historial", "de", "la", "conversacion"],
];

/// Verbs of tools that look for attacks: what such a text quotes is an example.
const WATCHERS: &[&str] = &[
    "detect",
    "detects",
    "scan",
    "scans",
    "flag",
    "flags",
    "block",
    "blocks",
    "find",
    "finds",
    "check",
    "checks",
    "classify",
    "classifies",
    "identify",
    "identifies",
    "report",
    "reports",
    "audit",
    "audits",
    "test",
    "tests",
    "detecta",
    "identifica",
    "analyze",
    "analyzes",
    "look",
    "looks",
    "search",
    "searches",
];

/// The instruction, if the text has one.
pub(super) fn find(text: &Text<'_>) -> Option<Finding> {
    let said = without_examples(text.text);
    let words = text_words(&said.chars().take(PIECE * 8).collect::<String>());
    let sentences: Vec<&[Word]> = words.split_inclusive(|word| word.pause == Pause::Sentence).collect();
    let keeps_secret = sentences.iter().any(|sentence| keeps_secret(sentence));
    // What is wanted may stand in the sentence after the one that demands it.
    let reaches = (0..sentences.len()).any(|index| {
        let pair: Vec<&Word> = sentences.iter().skip(index).take(2).flat_map(|sentence| sentence.iter()).collect();
        let pair: Vec<&str> = pair.iter().map(|word| word.text.as_str()).collect();
        has(&pair, DIRECTIVES) && has(&pair, SECRETS) && pair.iter().any(|word| TAKING.contains(word))
    });
    let message = match (keeps_secret, reaches) {
        (true, true) => {
            "It tells the model to take something that is none of the tool's, and to keep it from the user."
        }
        (true, false) => "It tells the model to keep something from the user.",
        (false, true) => {
            "It tells the model to take something that is none of the tool's: keys, files, or what was said before."
        }
        (false, false) => return None,
    };
    Some(Finding {
        code: FindingCode::HiddenInstruction,
        severity: FindingSeverity::High,
        place: text.place.clone(),
        message: message.to_owned(),
    })
}

fn keeps_secret(sentence: &[Word]) -> bool {
    let words: Vec<&str> = sentence.iter().map(|word| word.text.as_str()).collect();
    SECRECY.iter().any(|phrase| {
        let at = words.windows(phrase.len()).position(|window| window == *phrase);
        at.is_some_and(|at| words.iter().skip(at + phrase.len()).take(6).any(|word| PEOPLE.contains(word)))
    })
}

fn has(words: &[&str], phrases: Phrases) -> bool {
    phrases.iter().any(|phrase| words.windows(phrase.len()).any(|window| window == *phrase))
}

/// The text without what stands in quotation marks, where it begins as the text of a tool that looks for attacks does.
fn without_examples(text: &str) -> String {
    let opening = text_words(&text.chars().take(400).collect::<String>());
    let is_watcher = opening.iter().take(4).any(|word| WATCHERS.contains(&word.text.as_str()));
    if !is_watcher {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut closing: Option<char> = None;
    for c in text.chars() {
        match (closing, c) {
            (Some(end), c) if c == end => closing = None,
            (Some(_), _) => {}
            (None, '"' | '`') => closing = Some(c),
            (None, '“') => closing = Some('”'),
            (None, '«') => closing = Some('»'),
            (None, c) => out.push(c),
        }
    }
    // A quotation that never ends is none.
    if closing.is_some() { text.to_owned() } else { out }
}
