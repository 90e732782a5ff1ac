//! Resources and prompts: lists of patterns, where a denial wins.

use url::Url;

use crate::decision::{Denial, DenialCode, RulePointer};
use crate::document::DefaultAction;
use crate::program::{Access, Rules};

/// Why a resource is denied, if it is.
pub(crate) fn resource(rules: &Rules, uri: &str) -> Option<Denial> {
    match Url::parse(uri) {
        Ok(url) => decide(rules, rules.resources.as_ref(), "/resources", url.as_str()),
        // What a pattern would mean for a URI that cannot be normalised nobody can tell, so a document that denies
        // any denies this one.
        Err(_) if rules.resources.as_ref().is_some_and(|access| access.has_denials) => Some(Denial::new(
            DenialCode::Denied,
            Some(RulePointer::from("/resources/deny/0")),
            "this is no URI that can be checked; send an absolute one",
        )),
        Err(_) => decide(rules, rules.resources.as_ref(), "/resources", uri),
    }
}

/// Why a prompt is denied, if it is.
pub(crate) fn prompt(rules: &Rules, name: &str) -> Option<Denial> {
    decide(rules, rules.prompts.as_ref(), "/prompts", name)
}

fn decide(rules: &Rules, access: Option<&Access>, pointer: &str, name: &str) -> Option<Denial> {
    let inner = access.and_then(|access| {
        if let Some(position) = access.deny.first_match(name) {
            let rule = RulePointer::from(format!("{pointer}/deny/{position}").as_str());
            return Some(Some(Denial::new(
                DenialCode::Denied,
                Some(rule),
                "the policy denies this; use something else",
            )));
        }
        access.allow.first_match(name).map(|_| None)
    });
    if let Some(decided) = inner {
        return decided;
    }
    let (default, rule) = match access.and_then(|access| access.default) {
        Some(default) => (default, format!("{pointer}/default")),
        None => (rules.default, String::from("/default")),
    };
    let message = "the policy does not list this, and denies what it does not list";
    (default == DefaultAction::Deny)
        .then(|| Denial::new(DenialCode::DefaultDeny, Some(RulePointer::from(rule.as_str())), message))
}
