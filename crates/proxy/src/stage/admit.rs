//! Stage 4: freshness, reservation and record, in one step.

use ostiary_admission::{AdmissionError, AdmissionRequest, AdmitOutcome, Permit};
use ostiary_auth::keyed_hash::hash_of_secret;
use ostiary_model::DecisionId;
use ostiary_model::decision::Outcome;
use ostiary_policy::{Denial, RulePointer};

use crate::record::record;
use crate::stage::authenticate::Caller;
use crate::stage::decide::Decided;
use crate::stage::parse::{Message, Target};
use crate::state::State;

/// A call that was decided, whose limits are taken and whose record is durable: the only kind of call that
/// [`forward`](crate::stage::forward) takes. Only this module makes one, out of a permit of the admission's.
#[derive(Debug)]
pub(crate) struct Reserved(Permit);

impl Reserved {
    pub(crate) fn into_permit(self) -> Permit {
        self.0
    }
}

/// What became of a call at the gateway.
#[derive(Debug)]
pub(crate) enum Admitted {
    /// Forward it.
    Reserved(Reserved),
    /// Tell the agent why not.
    Denied {
        denial: Box<Denial>,
        /// Its record; when the log is out of order, what the process's own log calls it.
        decision_id: DecisionId,
    },
    /// The account changed since the caller was authenticated: authenticate and decide again.
    Stale,
}

/// Checks that nothing changed meanwhile, takes the limits, and makes the record durable: all or nothing.
pub(crate) async fn admit(
    state: &State,
    caller: &Caller,
    message: &Message<'_>,
    target: Target<'_>,
    decided: Decided,
) -> Admitted {
    // Scope `session` needs something that tells sessions apart, and goes on doing so when the secret key is exchanged;
    // the sealed text itself is long, and is the session.
    let session = message.session().map(|session| hash_of_secret(caller.account_id(), "session", &session.text));
    let decision = record(state, caller, message, target, &decided, session.as_deref());
    let decision_id = decision.id;
    let outcome = decision.outcome;
    let request = AdmissionRequest {
        epoch: caller.grant.epoch,
        limits: decided.limits(),
        plan: Some(&caller.grant.plan),
        session: session.as_deref().map(str::as_bytes),
        on_limits_unavailable: caller.server().on_limits_unavailable,
        decision,
    };
    let admitted = state.admission.admit(request).await;
    let (denial, outcome) = match admitted {
        Ok(AdmitOutcome::Admitted(permit)) => {
            state.metrics.decision(permit.outcome());
            tracing::debug!(decision.id = %decision_id, outcome = %permit.outcome(), "a call is forwarded");
            return Admitted::Reserved(Reserved(permit));
        }
        Ok(AdmitOutcome::Stale) => return Admitted::Stale,
        Ok(AdmitOutcome::Denied(denial)) => (denial, Outcome::Denied),
        // Recorded as it came; a decision without a denial is not recorded but admitted.
        Ok(AdmitOutcome::Recorded) => (decided.into_denial().unwrap_or_else(Denial::log_unavailable), outcome),
        Err(AdmissionError::LogUnavailable) => (Denial::log_unavailable(), Outcome::Denied),
    };
    state.metrics.decision(outcome);
    tracing::info!(
        decision.id = %decision_id,
        account.id = %caller.account_id(),
        server.slug = caller.server().slug.as_str(),
        %outcome,
        code = denial.code.as_str(),
        rule = denial.rule.as_ref().map(RulePointer::as_str).unwrap_or_default(),
        "a call is refused"
    );
    Admitted::Denied { denial: Box::new(denial), decision_id }
}
