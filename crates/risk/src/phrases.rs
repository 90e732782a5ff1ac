//! Phrases by which a text itself says what becomes of things: somebody pays, or something is lost for good.

use crate::description::Description;

const CHARGES: &[&str] = &[
    "is charged",
    "are charged",
    "be charged",
    "charges the",
    "se cobra",
    "se cobrara",
    "se cobraran",
    "sera cobrado",
    "sera cobrada",
    "serao cobrados",
];

const LOSSES: &[&str] = &[
    "irreversible",
    "irreversibly",
    "irrevocably",
    "irrecoverable",
    "irrecoverably",
    "unrecoverable",
    "cannot be undone",
    "cant be undone",
    "can not be undone",
    "cannot be reversed",
    "cannot be recovered",
    "cannot be restored",
    "beyond recovery",
    "no undo",
    "factory reset",
    "is lost",
    "are lost",
    "be lost",
    "will lose",
    "permanently delete",
    "permanently deletes",
    "permanently remove",
    "permanently removes",
    "permanently erase",
    "permanently erases",
    "overwrites",
    "is overwritten",
    "are overwritten",
    "overwrite an existing",
    "completely overwrite",
    "no se puede deshacer",
    "no se pueden deshacer",
    "no puede deshacerse",
    "no se puede recuperar",
    "no se pueden recuperar",
    "no se puede revertir",
    "de forma permanente",
    "se pierde",
    "se pierden",
    "se perdera",
    "se perderan",
    "se sobrescribe",
    "irreversivel",
    "nao pode ser desfeita",
    "nao pode ser desfeito",
    "nao podem ser desfeitas",
    "nao podem ser desfeitos",
    "nao pode ser revertida",
    "nao pode ser revertido",
    "se perde",
    "se perdem",
    "sera perdido",
    "serao perdidos",
    "sao perdidos",
];

/// Words that say that somebody pays for what is done.
pub(crate) fn charge(description: &Description) -> Option<&'static str> {
    said(CHARGES, description)
}

/// Words that say that something is lost for good.
pub(crate) fn loss(description: &Description) -> Option<&'static str> {
    said(LOSSES, description)
}

/// The first of the phrases that the text has and does not deny.
fn said(phrases: &'static [&'static str], description: &Description) -> Option<&'static str> {
    phrases.iter().copied().find(|phrase| {
        let words: Vec<_> = phrase.split_whitespace().collect();
        description.find(&words).is_some_and(|at| !description.is_denied(at))
    })
}
