//! A description as a sequence of words: its first verb, the verbs beside it, and whether something is said at all.

use crate::lexicon::{self, Act, Kind, Verb};
use crate::text::{Pause, Word, text_words};

/// Words before the first verb that may be passed over.
const INTRO_MAX: usize = 10;

/// The words of a description.
#[derive(Clone, Debug, Default)]
pub(crate) struct Description {
    words: Vec<Word>,
}

/// A verb of a description and where its object begins.
#[derive(Clone, Debug)]
pub(crate) struct Lead {
    pub(crate) verb: Verb,
    pub(crate) word: String,
    /// The index of the word after it.
    pub(crate) next: usize,
}

impl Description {
    pub(crate) fn new(text: &str) -> Self {
        Self { words: text_words(text) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words from here on.
    pub(crate) fn after(&self, index: usize) -> &[Word] {
        self.words.get(index..).unwrap_or_default()
    }

    /// The words of the first `sentences` sentences.
    pub(crate) fn opening(&self, sentences: usize) -> impl Iterator<Item = &str> {
        let mut ended = 0;
        self.words
            .iter()
            .take_while(move |word| {
                let is_inside = ended < sentences;
                ended += usize::from(word.pause == Pause::Sentence);
                is_inside
            })
            .map(|word| word.text.as_str())
    }

    /// The first word of the kind in the opening.
    pub(crate) fn mentions(&self, kind: Kind, sentences: usize) -> Option<&str> {
        self.opening(sentences).find(|word| lexicon::is(word, kind))
    }

    /// Where these words stand one after the other, if they do.
    pub(crate) fn find(&self, phrase: &[&str]) -> Option<usize> {
        let length = phrase.len();
        self.words
            .windows(length)
            .position(|window| window.iter().map(|word| word.text.as_str()).eq(phrase.iter().copied()))
    }

    /// The word at an index.
    pub(crate) fn word(&self, index: usize) -> Option<&str> {
        self.words.get(index).map(|word| word.text.as_str())
    }

    /// The verb that the description opens with, after `This tool allows you to` and the like.
    pub(crate) fn lead(&self) -> Option<Lead> {
        for (index, word) in self.words.iter().enumerate().take(INTRO_MAX) {
            let text = word.text.as_str();
            if let Some(verb) = lexicon::verb(text).filter(|verb| self.acts(index, *verb)) {
                return Some(Lead { verb, word: text.to_owned(), next: index + 1 });
            }
            let is_passed = lexicon::is(text, Kind::Intro)
                || text.ends_with("ly")
                || text.ends_with("mente")
                || word.pause == Pause::Clause
                || self.words.get(index + 1..INTRO_MAX).unwrap_or_default().iter().take(2).any(|next| {
                    // A heading before a colon: `Webhooks: list all …`.
                    next.pause == Pause::Clause
                });
            if !is_passed {
                return None;
            }
        }
        None
    }

    /// The verbs coordinated with the opening one: `create, update or delete`, `read the queue and clear it`.
    pub(crate) fn coordinated(&self, lead: &Lead) -> Vec<Lead> {
        let mut found = Vec::new();
        let mut in_chain = true;
        for (index, word) in self.words.iter().enumerate().skip(lead.next).take(30) {
            let Some(previous) = self.words.get(index.wrapping_sub(1)) else { break };
            if previous.pause == Pause::Sentence {
                break;
            }
            let joins =
                lexicon::is(&previous.text, Kind::Conjunction) || (in_chain && matches!(previous.pause, Pause::Comma));
            let verb = lexicon::verb(&word.text)
                .filter(|verb| joins && verb.is_inflected == lead.verb.is_inflected && self.acts(index, *verb));
            let governs = self
                .words
                .get(index + 1)
                .is_some_and(|next| word.pause == Pause::None && lexicon::is(&next.text, Kind::Determiner));
            match verb {
                Some(verb) if in_chain || (governs && (verb.is_strict || verb.act == Act::Pay)) => {
                    found.push(Lead { verb, word: word.text.clone(), next: index + 1 });
                }
                _ => in_chain &= lexicon::is(&word.text, Kind::Conjunction),
            }
        }
        found
    }

    /// Verbs anywhere in the text that are not denied and not part of an instruction (`call this before you delete`).
    pub(crate) fn verbs(&self) -> impl Iterator<Item = Lead> {
        self.words.iter().enumerate().filter_map(|(index, word)| {
            let verb = lexicon::verb(&word.text).filter(|verb| verb.is_strict && self.acts(index, *verb))?;
            (!self.is_denied(index)).then(|| Lead { verb, word: word.text.clone(), next: index + 1 })
        })
    }

    /// Whether a negation stands shortly before the word.
    pub(crate) fn is_denied(&self, index: usize) -> bool {
        self.words
            .get(index.saturating_sub(4)..index)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|word| word.pause < Pause::Clause)
            .any(|word| lexicon::is(&word.text, Kind::Negation))
    }

    /// Whether the word at the index is used as a verb: a noun-verb needs an object and no noun right after it.
    fn acts(&self, index: usize, verb: Verb) -> bool {
        if self.is_denied(index) {
            return false;
        }
        let Some(word) = self.words.get(index) else { return false };
        // `del`, `para`: in a sentence these are the small words of Spanish and Portuguese.
        if matches!(word.text.as_str(), "del" | "para" | "sobre" | "entre" | "como" | "cada" | "conta" | "pela") {
            return false;
        }
        if verb.is_strict {
            return true;
        }
        match self.words.get(index + 1) {
            // `Transfer history`, `Payment status`: a noun before a noun.
            Some(next) => {
                word.pause == Pause::Clause
                    || !lexicon::is(&next.text, Kind::Information) && word.pause < Pause::Sentence
            }
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(text: &str) -> Option<Act> {
        Description::new(text).lead().map(|lead| lead.verb.act)
    }

    #[test]
    fn lead_behind_an_introduction_is_found() {
        for (text, act) in [
            ("Deletes a file", Act::Delete),
            ("This tool allows you to create an issue", Act::Make),
            ("Securely run a command", Act::Run),
            ("Webhooks: list all subscriptions", Act::Read),
            ("Esta herramienta permite eliminar un cliente", Act::Delete),
            ("Permite consultar o saldo", Act::Read),
            ("Refund (devolução) a payment", Act::Pay),
        ] {
            assert_eq!(lead(text), Some(act), "{text}");
        }
        for text in ["Transfer history of an account", "The weather of a city", "", "Never deletes anything"] {
            assert_eq!(lead(text), None, "{text}");
        }
    }

    #[test]
    fn coordinated_verbs_of_a_chain_and_of_a_second_clause_are_found() {
        for (text, words) in [
            ("Create, update, or delete an item", vec!["update", "delete"]),
            ("Reads the queue and deletes the messages", vec!["deletes"]),
            ("List commits and merge requests", vec![]),
            ("Fetch a page to decide whether to delete the copy", vec![]),
            ("Disconnects the session without deleting the instance", vec![]),
        ] {
            let description = Description::new(text);
            let lead = description.lead().expect(text);
            let seen: Vec<_> = description.coordinated(&lead).into_iter().map(|lead| lead.word).collect();
            assert_eq!(seen, words, "{text}");
        }
    }
}
