//! What a record says when the limits refuse its call.

use ostiary_model::decision::Outcome;
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{Decision, Mode};
use ostiary_policy::{Denial, DenialCode};

/// What becomes of a call that its limits refuse.
pub(crate) const fn outcome_of(mode: Mode, on_limits_unavailable: OnLimitsUnavailable, code: DenialCode) -> Outcome {
    let is_unavailable = matches!(code, DenialCode::LimitsUnavailable);
    match (mode, on_limits_unavailable) {
        (_, OnLimitsUnavailable::Allow) if is_unavailable => Outcome::AllowedUnmetered,
        (Mode::Shadow, _) => Outcome::ShadowDenied,
        (Mode::Enforce, _) => Outcome::Denied,
    }
}

/// Writes into a record what the limits said.
pub(crate) fn note(decision: &mut Decision, denial: &Denial, on_limits_unavailable: OnLimitsUnavailable) {
    decision.outcome = outcome_of(decision.mode, on_limits_unavailable, denial.code);
    decision.code = Some(denial.code.as_str().to_owned());
    decision.rule = denial.rule.as_ref().map(|rule| rule.as_str().to_owned());
    decision.message = Some(denial.message.clone());
}

/// Writes into a record that the plan of the account refuses the call, whatever the mode of the binding.
pub(crate) fn note_quota(decision: &mut Decision, denial: &Denial) {
    note(decision, denial, OnLimitsUnavailable::Deny);
    decision.outcome = Outcome::Denied;
}

/// Whether a call of such an outcome goes on to its upstream.
pub(crate) const fn is_forwarded(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Allowed | Outcome::ShadowDenied | Outcome::AllowedUnmetered)
}
