//! The object of a verb: what is created, sent or called off.

use crate::lexicon::{self, Kind};
use crate::text::{Pause, Word};

/// The words that stand for the object, without determiners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Object(Vec<String>);

/// Words of an object that are looked at.
const WORDS_MAX: usize = 8;

impl Object {
    /// The object in a name: what follows the verb, up to a preposition (`create_token_for_payment`: the token).
    pub(crate) fn of_name(words: &[String]) -> Self {
        let words = words.iter().skip_while(|word| lexicon::is(word, Kind::Preposition));
        let mut object = Vec::new();
        for word in words.take_while(|word| !lexicon::is(word, Kind::Preposition)) {
            if ends_record(&object, word) {
                break;
            }
            if !is_qualifier(word) {
                object.push(word.clone());
            }
        }
        object.truncate(WORDS_MAX);
        Self(object)
    }

    /// The object in a text: what follows the verb, up to a preposition, a bracket or the end of the sentence.
    pub(crate) fn of_text(words: &[Word]) -> Self {
        let mut object: Vec<String> = Vec::new();
        for word in words.iter().take(WORDS_MAX) {
            let text = word.text.as_str();
            // `the code received`, `an invoice issued in May`: the object has ended.
            let is_clause = is_participle(text) && object.iter().any(|word| !is_participle(word));
            let is_preposition = lexicon::is(text, Kind::Preposition) && !lexicon::is(text, Kind::Determiner);
            if ends_record(&object, text) || ((is_clause || is_preposition) && !object.is_empty()) {
                break;
            }
            let says =
                !is_preposition && !lexicon::is(text, Kind::Determiner) && !is_qualifier(text) && !text.ends_with("ly");
            if says {
                object.push(text.to_owned());
            }
            if word.pause >= Pause::Clause {
                break;
            }
        }
        Self(object)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn words(&self) -> &[String] {
        &self.0
    }

    /// The first word that is of the kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> Option<&str> {
        self.0.iter().find(|word| lexicon::is(word, kind)).map(String::as_str)
    }

    /// Whether its noun is a record: a payment *report*, the *template* of a charge.
    pub(crate) fn is_record(&self) -> bool {
        self.0.last().is_some_and(|word| lexicon::is(word, Kind::Record)) && self.instrument().is_none()
    }

    /// Money on its way, or the means to move it.
    pub(crate) fn money(&self) -> Option<String> {
        let moved = self.0.iter().enumerate().find(|(index, word)| {
            let is_about = self.0.get(index + 1).is_some_and(|next| lexicon::is(next, Kind::Record));
            lexicon::is(word, Kind::Money) && !is_about
        });
        moved.map(|(_, word)| word.clone()).or_else(|| self.instrument())
    }

    /// A stored card, a payment method, a payment link: what payments are made with.
    fn instrument(&self) -> Option<String> {
        self.0.windows(2).find_map(|pair| {
            let [first, second] = pair else { return None };
            let is_instrument = matches!(
                (first.as_str(), second.as_str()),
                (
                    "payment" | "card" | "pago" | "pagamento" | "tarjeta" | "cartao",
                    "token" | "method" | "methods" | "link" | "vault"
                ) | (
                    "credit" | "debit" | "virtual" | "prepaid" | "stored" | "bank" | "gift",
                    "card" | "cards" | "transfer"
                ) | ("metodo" | "link" | "enlace" | "token", "pago" | "pagamento" | "tarjeta" | "cartao")
            );
            is_instrument.then(|| format!("{first} {second}"))
        })
    }
}

/// `a report of payments`: what follows only says what the record is about.
fn ends_record(object: &[String], word: &str) -> bool {
    let is_genitive = matches!(word, "of" | "de" | "do" | "da" | "del" | "dos" | "das");
    is_genitive && object.last().is_some_and(|last| lexicon::is(last, Kind::Record))
}

/// `authorized`, `stored`: before a noun it qualifies, after one it starts a clause.
fn is_participle(word: &str) -> bool {
    word.len() > 4 && word.ends_with("ed")
}

/// Words that say how, not what.
fn is_qualifier(word: &str) -> bool {
    matches!(
        word,
        "of" | "de"
            | "do"
            | "da"
            | "del"
            | "dos"
            | "das"
            | "tool"
            | "bulk"
            | "batch"
            | "static"
            | "dynamic"
            | "new"
            | "many"
            | "multiple"
            | "single"
            | "v1"
            | "v2"
            | "v3"
            | "v4"
            | "async"
            | "sync"
            | "test"
            | "one"
            | "more"
            | "existing"
            | "specific"
            | "novo"
            | "nova"
            | "nuevo"
            | "nueva"
            | "current"
            | "id"
            | "but"
            | "yet"
            | "already"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{name_words, text_words};

    #[test]
    fn object_of_name_money_is_told_from_records_about_it() {
        for (name, money) in [
            ("payment", true),
            ("payment_link", true),
            ("pix_charge_static", true),
            ("card_token", true),
            ("metodo_de_pago", true),
            ("payment_report", false),
            ("pix_key", false),
            ("token_for_payment", false),
            ("customer", false),
        ] {
            assert_eq!(Object::of_name(&name_words(name)).money().is_some(), money, "{name}");
        }
    }

    #[test]
    fn object_of_text_ends_at_the_preposition() {
        let object = Object::of_text(&text_words("a customer for saved payment methods"));
        assert_eq!(object.words(), ["customer"]);
    }
}
