//! The words we know: what a verb does, and what kind of thing a noun is.
//!
//! One file a language, each a table of lists. A verb that is a noun as often (`charge`, `report`) ends in `~`: it counts
//! as a verb only where a verb is expected. Words are lower case, without accents.

mod english;
mod nominal;
mod portuguese;
mod spanish;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use nominal::action;

/// What a verb does to what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// Looks, changes nothing.
    Read,
    /// Acts out without doing it: harmless, but for money, where sandboxes are not always sandboxes.
    Simulate,
    /// Finds out what a name stands for, or settles what is open.
    Resolve,
    /// Takes what is there: a picture of a page, or the money that was set aside.
    Capture,
    /// Asks a query language.
    Query,
    /// Changes a record that is there.
    Edit,
    /// Brings something into being, or sends it: a record, a run or a payment, by its object.
    Make,
    /// Sends or hands over: money, or anything else.
    Transfer,
    /// Reserves: a journey is paid for, a meeting is not.
    Book,
    /// Opens: a browser, a file or a ticket.
    Open,
    /// Runs, starts, triggers.
    Run,
    /// Says nothing by itself: `manage`, `handle`.
    Vague,
    /// Takes back: a document or a payment.
    Cancel,
    /// Deletes, overwrites.
    Delete,
    /// Moves money.
    Pay,
}

/// A verb as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verb {
    pub(crate) act: Act,
    /// Never anything but a verb where it stands.
    pub(crate) is_strict: bool,
    /// The form that a noun would have in the plural (`charges`).
    pub(crate) is_inflected: bool,
}

/// What kind of thing a noun is; a word may be of several kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Money on its way: payments, charges, refunds.
    Money,
    /// Says that money is the subject, without being it.
    MoneyContext,
    /// May be money on its way, by its context: transactions, orders.
    Deal,
    /// Of these, the ones that are money nearly always: a later sentence may say so.
    Settled,
    /// What a look-up starts from.
    Identifier,
    /// A standing commitment to pay, unless it is of another sort.
    Subscription,
    /// Makes a subscription one of events or news.
    Feed,
    /// Buying and selling on a market.
    Trade,
    /// A paper or an order that can be called off; not the payment itself.
    Document,
    /// A record about something: what stands before it only says about what.
    Record,
    /// Something that runs once made.
    Running,
    /// Information: a name that ends in it, without a verb, is a look.
    Information,
    /// A tool of this name runs what it is given.
    Machine,
    /// A journey, a seat, a room: booked is paid for.
    Travel,
    /// A database or its language.
    Sql,
    /// The words of SQL that destroy.
    SqlDestroys,
    /// Something that obeys: a browser, a mouse, a lamp.
    Device,
    /// A picture of what is there.
    Picture,
    /// Handed over without money: tickets, chats, ownership.
    HandedOver,
    /// Before or around a verb, without meaning of its own.
    Intro,
    /// Turns what follows into its opposite.
    Negation,
    /// Ends the object of a verb.
    Preposition,
    /// Starts an object.
    Determiner,
    /// Joins two verbs.
    Conjunction,
}

/// A language's tables.
pub(crate) struct Language {
    verbs: &'static [(Act, &'static str)],
    nouns: &'static [(Kind, &'static str)],
}

const LANGUAGES: [Language; 3] = [english::ENGLISH, spanish::SPANISH, portuguese::PORTUGUESE];

static VERBS: LazyLock<HashMap<&'static str, (Act, bool)>> = LazyLock::new(|| {
    let mut verbs = HashMap::new();
    for (act, words) in LANGUAGES.iter().flat_map(|language| language.verbs) {
        for word in words.split_whitespace() {
            let (word, is_strict) = word.strip_suffix('~').map_or((word, true), |word| (word, false));
            // The first language that has the word decides.
            verbs.entry(word).or_insert((*act, is_strict));
        }
    }
    verbs
});

static NOUNS: LazyLock<HashMap<&'static str, Vec<Kind>>> = LazyLock::new(|| {
    let mut nouns: HashMap<_, Vec<Kind>> = HashMap::new();
    for (kind, words) in LANGUAGES.iter().flat_map(|language| language.nouns) {
        for word in words.split_whitespace() {
            nouns.entry(word).or_default().push(*kind);
        }
    }
    nouns
});

/// The verb that the word is, in its base form or as `creates`, `creating`, `cria`, `crea`.
pub(crate) fn verb(word: &str) -> Option<Verb> {
    if let Some(&(act, is_strict)) = VERBS.get(word) {
        return Some(Verb { act, is_strict, is_inflected: false });
    }
    // An adjective that looks like a form of `activar`.
    if word == "active" {
        return None;
    }
    verb_stems(word).find_map(|stem| VERBS.get(stem.as_str())).map(|&(act, is_strict)| Verb {
        act,
        is_strict,
        is_inflected: true,
    })
}

/// What the word may be an inflected form of.
fn verb_stems(word: &str) -> impl Iterator<Item = String> {
    let mut stems = Vec::new();
    if let Some(stem) = word.strip_suffix("ies") {
        stems.push(format!("{stem}y"));
    }
    if let Some(stem) = word.strip_suffix("es") {
        stems.push(stem.to_owned());
    }
    if let Some(stem) = word.strip_suffix('s') {
        stems.push(stem.to_owned());
    }
    if let Some(stem) = word.strip_suffix("ing").filter(|stem| stem.len() > 2) {
        stems.push(stem.to_owned());
        stems.push(format!("{stem}e"));
        let mut chars = stem.chars();
        if chars.next_back() == stem.chars().rev().nth(1) {
            stems.push(chars.as_str().to_owned());
        }
    }
    if word.len() > 3 && word.ends_with(['a', 'e', 'i']) {
        stems.push(format!("{word}r"));
    }
    if let Some(stem) = word.strip_suffix('e').filter(|stem| stem.len() > 2) {
        // `pague`, `toque`: a stem in g or c would be spelt with u, so `page` and `place` are English.
        if !stem.ends_with(['g', 'c']) {
            stems.push(format!("{stem}ar"));
        }
        stems.push(format!("{stem}ir"));
    }
    stems.extend(romance_stems(word));
    if let Some(stem) = word.strip_suffix("ndo").filter(|stem| stem.len() > 2) {
        stems.push(format!("{stem}r"));
    }
    stems.into_iter()
}

/// The infinitives of third persons whose stem changes: `cierra`, `mueve`, `pide`, `destruye`, `reduz`, `propoe`.
fn romance_stems(word: &str) -> Vec<String> {
    let mut stems = Vec::new();
    for (form, ending) in [("uye", "uir"), ("ui", "uir"), ("oi", "uir"), ("uz", "uzir"), ("oe", "or")] {
        stems.extend(word.strip_suffix(form).map(|stem| format!("{stem}{ending}")));
    }
    let Some(stem) = word.strip_suffix(['a', 'e']).filter(|stem| stem.len() > 2) else { return stems };
    let endings: &[&str] = if word.ends_with('a') { &["ar"] } else { &["er", "ir"] };
    for (changed, base) in [("ie", "e"), ("ue", "o"), ("i", "e")] {
        if let Some((before, after)) =
            stem.rsplit_once(changed).filter(|(before, after)| !before.is_empty() && !after.is_empty())
        {
            stems.extend(endings.iter().map(|ending| format!("{before}{base}{after}{ending}")));
        }
    }
    stems
}

/// Whether the word, or its singular, is of the kind.
pub(crate) fn is(word: &str, kind: Kind) -> bool {
    let known = |word: &str| NOUNS.get(word).is_some_and(|kinds| kinds.contains(&kind));
    known(word)
        || word.strip_suffix('s').is_some_and(known)
        || word.strip_suffix("es").is_some_and(known)
        || word.strip_suffix("ies").is_some_and(|stem| known(&format!("{stem}y")))
        || word.strip_suffix("oes").is_some_and(|stem| known(&format!("{stem}ao")))
        || word.strip_suffix("ns").is_some_and(|stem| known(&format!("{stem}m")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verb_inflected_is_found_by_its_base() {
        for (word, act) in [
            ("creates", Act::Make),
            ("deleting", Act::Delete),
            ("running", Act::Run),
            ("applies", Act::Run),
            ("pays", Act::Pay),
            ("cria", Act::Make),
            ("crea", Act::Make),
            ("elimina", Act::Delete),
            ("exclui", Act::Delete),
            ("consulta", Act::Read),
            ("reembolsa", Act::Pay),
        ] {
            assert_eq!(verb(word).map(|verb| verb.act), Some(act), "{word}");
        }
        for word in ["deleted", "weather", "", "s", "es", "ing"] {
            assert_eq!(verb(word), None, "{word}");
        }
    }

    #[test]
    fn noun_plural_is_of_the_kind_of_its_singular() {
        for word in ["payment", "payments", "cobrancas", "devolucoes", "transferencias"] {
            assert!(is(word, Kind::Money), "{word}");
        }
        assert!(!is("customer", Kind::Money));
    }

    #[test]
    fn tables_hold_only_folded_words() {
        let words = LANGUAGES
            .iter()
            .flat_map(|l| l.verbs.iter().map(|(_, words)| *words).chain(l.nouns.iter().map(|(_, words)| *words)));
        for word in words.flat_map(str::split_whitespace) {
            assert!(word.trim_end_matches('~').chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{word}");
        }
    }
}
