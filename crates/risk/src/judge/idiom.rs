//! Verbs that mean something else beside certain objects: converting a lead, entering a mode, a snapshot of a disk.

use super::Case;
use crate::Category;

/// The beginning of a verb, the objects beside which it means something else, and what it then does.
const IDIOMS: &[(&str, &str, Category)] = &[
    // Converting a file gives another one; converting a lead changes what is on record.
    ("conver", "lead prospect prospecto opportunity trial visitor draft rascunho borrador", Category::Write),
    ("snapshot", "droplet volume disk vm instance server database db cluster container table bucket", Category::Write),
    ("push", "message notification alert reminder", Category::Write),
    ("lanc", "nota despesa gasto receita hora frequencia presenca falta lancamento", Category::Write),
    ("submit", "script batch", Category::Execute),
    ("sync", "application app environment cluster", Category::Execute),
    ("activat", "scene", Category::Execute),
    ("enter", "mode", Category::Execute),
    ("exit", "mode", Category::Execute),
    // The button of a machine; of data nothing is left.
    ("reset", "server machine vm instance device router modem node adapter connection", Category::Execute),
    ("mov", "money fund cash dinero dinheiro", Category::Financial),
    ("writ", "contract", Category::Execute),
    ("restor", "backup snapshot database db", Category::Destructive),
    // A copy of what runs does not run by that.
    ("clon", "workflow automation pipeline function", Category::Write),
    ("duplica", "workflow automation pipeline function", Category::Write),
    ("merg", "field", Category::Write),
];

impl Case<'_> {
    /// What the verb does beside its object, where that is not what it usually does.
    pub(super) fn idiom(&self) -> Option<(Category, String)> {
        // Spanish switches off with the word by which Portuguese deletes.
        if self.verb.starts_with("apag") && self.is_spanish() {
            return Some((Category::Execute, self.verb.to_owned()));
        }
        // `Devolve a situação`: the answer is what is given back.
        let given_back = ["valor", "importe", "monto", "compra", "venda", "venta", "quantia", "saldo"];
        if matches!(self.verb, "devolve" | "devuelve")
            && self.money().is_none()
            && !given_back.into_iter().any(|word| self.has(word))
        {
            return Some((Category::Read, "devolve".to_owned()));
        }
        // A credit is money; a credit note is a document.
        let is_credit = self.object.words().last().is_some_and(|word| matches!(word.as_str(), "credit" | "credits"));
        if is_credit && ["issu", "grant", "appl"].into_iter().any(|stem| self.verb.starts_with(stem)) {
            return Some((Category::Financial, "credit".to_owned()));
        }
        IDIOMS.iter().filter(|(stem, ..)| self.verb.starts_with(stem)).find_map(|(_, objects, category)| {
            let word = objects.split_whitespace().find(|word| self.has(word))?;
            Some((*category, word.to_owned()))
        })
    }

    /// Whether the text has an article that Portuguese does not have.
    fn is_spanish(&self) -> bool {
        ["el", "la", "los", "las", "un", "una"].into_iter().any(|word| self.context.description.find(&[word]).is_some())
    }
}
