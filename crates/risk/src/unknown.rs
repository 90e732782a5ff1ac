//! What a text says where no verb of it is known: a noun phrase tells what is returned, an unknown verb with an object acts.

use crate::description::Description;
use crate::lexicon::{self, Act, Kind};

/// How a text without a known verb begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// With a verb that is in no table; its object begins at the index.
    Verb { word: String, next: usize },
    /// With a thing that is told: `Cosponsors of a bill`, `Whether the market is open`.
    Thing(String),
}

/// Words that only stand before a thing or ask for one.
const TELLING: &str = "whether who what which how where when why active similar available recent latest current upcoming \
    top own owned full last next previous popular trending nearby average raw total remaining open closed best \
    weekly monthly daily yearly historical aggregated detailed known supported \
    si quien que cual cuales cuanto cuantos cuantas como donde quais qual quanto quantos quantas onde \
    ultimos ultimas ultimo ultima proximos proximas proximo proxima principales principais recientes recentes \
    disponibles disponiveis activos ativos";

/// What ends the first noun of a phrase. `to` and its like are not here: verbs without an object take them as well.
const OF: &str = "of de del do da dos das per between who whose";
const IN: &str = "for in by from at that with during within por en em";

/// How the text begins, as far as that can be told; the name's first word settles what is a verb.
pub(crate) fn opening(name: &[String], description: &Description) -> Option<Opening> {
    let first = description.word(0)?;
    let second = description.word(1);
    if let Some(word) = verb(name, first, second) {
        return Some(Opening::Verb { word, next: 1 });
    }
    // `Sweeps all funds`: whatever the name says, a thing would not stand before these.
    if lexicon::verb(first).is_none()
        && first.ends_with('s')
        && matches!(second, Some("all" | "its" | "every" | "your" | "todos" | "todas"))
    {
        return Some(Opening::Verb { word: first.to_owned(), next: 1 });
    }
    let is_listed = |list: &str, word: &str| list.split_whitespace().any(|listed| listed == word);
    let begins_name = name.first().is_some_and(|head| is_form(head, first));
    // A determiner before it: `The officers of a company`.
    let is_determined =
        lexicon::is(first, Kind::Determiner) && second.is_some_and(|word| lexicon::verb(word).is_none());
    // What the name has as it stands is no inflected verb: `officers_of_company`, "Officers of a company".
    let is_verb = begins_name && name.first().is_none_or(|head| head != first);
    let is_of = second.is_some_and(|word| is_listed(OF, word) && (!is_verb || word.starts_with('d')));
    let is_plural_in = second.is_some_and(|word| is_listed(IN, word)) && first.ends_with('s') && !begins_name;
    // `Games a player owns` for `owned_games`: the text opens with what the name ends in.
    let ends_name = !begins_name && first.ends_with('s') && name.last().is_some_and(|last| last == first);
    // `Astronomy picture of the day`: a command would have an article. `Serie histórica de un indicador`: as named.
    let is_compound = second.is_some_and(|word| match description.word(2) {
        Some("of") => !first.ends_with('s') && !word.ends_with('s') && lexicon::verb(first).is_none(),
        Some("de" | "del" | "do" | "da" | "dos" | "das") => name.iter().any(|named| named == first) && !is_verb,
        _ => false,
    });
    let is_nominal = ["coes", "soes", "ciones", "siones"].into_iter().any(|ending| first.ends_with(ending));
    (is_listed(TELLING, first) || is_nominal || is_compound || is_determined || is_of || is_plural_in || ends_name)
        .then(|| Opening::Thing(first.to_owned()))
}

/// The noun of doing that the text opens with: its first noun, before `of` and its like.
pub(crate) fn acting_noun(description: &Description) -> Option<(String, Act)> {
    let is_end = |word: &str| [OF, IN].iter().any(|list| list.split_whitespace().any(|end| end == word)) || word == "a";
    // `Eliminación masiva de …` has its noun first, `Full erasure of …` last.
    let end = (1..4).find(|&at| description.word(at).is_none_or(is_end))?;
    let first = description.word(0)?;
    let last = description.word(end - 1)?;
    let is_of_romance = description.word(end).is_some_and(|word| word.starts_with('d'));
    let noun = if is_of_romance || end == 1 { first } else { last };
    lexicon::action(noun).map(|act| (noun.to_owned(), act))
}

/// Whether the text opens with the name's first word and an object: `reserve_table`, "Reserve a table".
pub(crate) fn acts_first(name: &[String], description: &Description) -> bool {
    let is_opened = matches!((name.first(), description.word(0)), (Some(head), Some(first)) if is_form(head, first));
    is_opened && description.word(1).is_some_and(|word| lexicon::is(word, Kind::Determiner))
}

/// Whether the text opens with what the name ends in, as a thing: `bill_cosponsors`, "Cosponsors of a bill".
pub(crate) fn tells_last(name: &[String], description: &Description) -> bool {
    let is_of = description.word(1).is_some_and(|word| OF.split_whitespace().any(|of| of == word));
    let last = name.last().filter(|last| name.len() > 1 && last.ends_with('s'));
    is_of && last.is_some_and(|last| description.word(0) == Some(last))
}

/// The name's first word where the text opens with it as with a verb: `escalate_ticket`, "Escalates the ticket".
fn verb(name: &[String], first: &str, second: Option<&str>) -> Option<String> {
    let head = name.first().filter(|head| lexicon::verb(head).is_none())?;
    let governs =
        second.is_some_and(|word| lexicon::is(word, Kind::Determiner) || matches!(word, "to" | "another" | "some"));
    let is_place = second.is_none_or(|word| {
        let ends = lexicon::is(word, Kind::Preposition) || lexicon::is(word, Kind::Conjunction);
        ends || OF.split_whitespace().any(|of| of == word)
    });
    // `Wraps ETH`: with an ending and an object.
    let governs = governs || (first != head && !is_place);
    let is_infinitive = head.len() > 4 && is_conjugated(head, first);
    (is_infinitive || (governs && is_form(head, first))).then(|| head.clone())
}

/// `escalate`, or `escalates`.
fn is_form(head: &str, word: &str) -> bool {
    word == head || word.strip_suffix('s') == Some(head) || word.strip_suffix("es") == Some(head)
}

/// `matricula` of `matricular`, `expede` of `expedir`: Spanish and Portuguese say what a tool does in the third person.
fn is_conjugated(infinitive: &str, word: &str) -> bool {
    let stem = |ending| infinitive.strip_suffix(ending);
    let forms = [("ar", "a"), ("er", "e"), ("ir", "e"), ("zir", "z"), ("uir", "ui"), ("uir", "uye"), ("por", "poe")];
    forms.into_iter().any(|(ending, form)| stem(ending).is_some_and(|stem| word.strip_suffix(form) == Some(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::name_words;

    #[test]
    fn opening_verb_is_told_from_thing() {
        for (name, text, is_verb) in [
            ("frobnicate_ticket", "Frobnicate a ticket", Some(true)),
            ("frobnicate_ticket", "Frobnicates the ticket", Some(true)),
            ("embaucar_cliente", "Embauca un cliente", Some(true)),
            ("bill_cosponsors", "Cosponsors of a bill", Some(false)),
            ("owned_games", "Games a player owns", Some(false)),
            ("market_clock", "Whether the market is open", Some(false)),
            ("bulk_frobnicate", "Frobnicates tickets to another group", None),
            ("frobnicate", "Frobnicates in the background", None),
        ] {
            let seen = opening(&name_words(name), &Description::new(text));
            assert_eq!(seen.map(|opening| matches!(opening, Opening::Verb { .. })), is_verb, "{name}: {text}");
        }
    }
}
