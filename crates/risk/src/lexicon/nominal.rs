//! Nouns made of verbs: `deletion`, `eliminación`, `pagamento`. A text that opens with one says what is done.

use super::{Act, Kind, is, verb};

/// Nouns that no ending tells.
const IRREGULAR: &[(Act, &str)] = &[
    (Act::Delete, "cleanup wipe removal closure baja borrado baixa limpieza limpeza"),
    (Act::Pay, "payout purchase sale spending retiro saque estorno compra venta venda cobro abono reembolso sweep"),
    (Act::Cancel, "cancellation cancelation"),
    (Act::Edit, "cierre cambio mudanca"),
    (Act::Make, "alta envio cadastro"),
];

/// An ending, and what the verb has in its place.
const ENDINGS: &[(&str, &str)] = &[
    ("ation", "ate"),
    ("ation", "e"),
    ("ation", ""),
    ("ion", "e"),
    ("ion", ""),
    ("ure", "e"),
    ("al", "e"),
    ("al", ""),
    ("ment", ""),
    ("cion", "r"),
    ("cao", "r"),
    ("miento", "r"),
    ("mento", "r"),
    ("amento", "ar"),
    ("imiento", "er"),
    ("usion", "uir"),
    ("usao", "uir"),
];

/// What the noun says is done, if it is one of these. In the plural they are things: `executions`, `payments`.
pub(crate) fn action(noun: &str) -> Option<Act> {
    if let Some((act, _)) = IRREGULAR.iter().find(|(_, nouns)| nouns.split_whitespace().any(|word| word == noun)) {
        return Some(*act);
    }
    let found = ENDINGS.iter().find_map(|(ending, base)| {
        let stem = noun.strip_suffix(ending).filter(|stem| stem.len() > 2)?;
        verb(&format!("{stem}{base}")).filter(|verb| !verb.is_inflected)
    });
    let act = found.map(|verb| verb.act);
    let is_thing = is(noun, Kind::Record) || is(noun, Kind::Information);
    match act {
        Some(Act::Delete | Act::Pay | Act::Cancel | Act::Transfer) => act,
        None if is(noun, Kind::Money) && !noun.ends_with('s') => Some(Act::Pay),
        _ if is_thing => None,
        act => act,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_of_a_noun_is_that_of_its_verb() {
        for (noun, act) in [
            ("deletion", Some(Act::Delete)),
            ("erasure", Some(Act::Delete)),
            ("execution", Some(Act::Run)),
            ("creation", Some(Act::Make)),
            ("eliminacion", Some(Act::Delete)),
            ("exclusao", Some(Act::Delete)),
            ("cancelamento", Some(Act::Cancel)),
            ("pagamento", Some(Act::Pay)),
            ("payment", Some(Act::Pay)),
            ("payments", None),
            ("configuration", None),
            ("weather", None),
        ] {
            assert_eq!(action(noun), act, "{noun}");
        }
    }
}
