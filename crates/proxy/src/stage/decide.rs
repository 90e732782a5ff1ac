//! Stage 3: what the policy says of a call.

use bytes::Bytes;
use http::HeaderMap;
use ostiary_mcp::capability::Implementation;
use ostiary_mcp::envelope::Envelope;
use ostiary_model::Mode;
use ostiary_model::decision::Outcome;
use ostiary_model::tool::Category;
use ostiary_policy::{Arguments, Call, ClientFacts, Denial, DenialCode, Evaluation, GrantFacts, LimitPlan, Subject};

use crate::inventory::ServerInventory;
use crate::refusal::Refusal;
use crate::stage::authenticate::Caller;
use crate::stage::parse::{Dialect, Errand, Message, Target};
use crate::state::State;

/// The policy's decision. Only this module makes one, and nothing is reserved or recorded without one.
#[derive(Debug)]
pub(crate) struct Decided {
    verdict: Verdict,
    category: Option<Category>,
}

#[derive(Debug)]
enum Verdict {
    /// Forward, when the limits allow it.
    Allowed(LimitPlan),
    /// Refuse; in shadow, forward all the same.
    Denied { denial: Denial, outcome: Outcome },
}

impl Decided {
    /// What goes into the record, before the limits had their say.
    pub(crate) const fn outcome(&self) -> Outcome {
        match &self.verdict {
            Verdict::Allowed(_) => Outcome::Allowed,
            Verdict::Denied { outcome, .. } => *outcome,
        }
    }

    /// What the call takes from counters.
    pub(crate) const fn limits(&self) -> Option<&LimitPlan> {
        match &self.verdict {
            Verdict::Allowed(plan) => Some(plan),
            Verdict::Denied { .. } => None,
        }
    }

    /// Why the call is refused, or would be.
    pub(crate) const fn denial(&self) -> Option<&Denial> {
        match &self.verdict {
            Verdict::Allowed(_) => None,
            Verdict::Denied { denial, .. } => Some(denial),
        }
    }

    pub(crate) fn into_denial(self) -> Option<Denial> {
        match self.verdict {
            Verdict::Allowed(_) => None,
            Verdict::Denied { denial, .. } => Some(denial),
        }
    }

    /// The tool's category in the inventory.
    pub(crate) const fn category(&self) -> Option<Category> {
        self.category
    }

    /// Whether reading the inventory anew could change the decision.
    pub(crate) fn misses_a_tool(&self) -> bool {
        self.denial().is_some_and(|denial| denial.code == DenialCode::UnknownTool)
    }
}

/// Decides a call.
///
/// # Errors
///
/// As [`inventory`].
pub(crate) async fn decide(
    state: &State,
    caller: &Caller,
    message: &Message<'_>,
    target: Target<'_>,
) -> Result<Decided, Refusal> {
    let Some(program) = caller.endpoint.program(&state.programs).await else {
        // Without a policy there is no binding that could be in shadow.
        let verdict = Verdict::Denied { denial: Denial::no_policy(), outcome: Outcome::Denied };
        return Ok(Decided { verdict, category: None });
    };
    let inventory = match target {
        Target::Tool(_) => Some(inventory(state, caller).await?),
        Target::Resource(_) | Target::Prompt(_) => None,
    };
    let call = facts(state, caller, message, target, inventory);
    let verdict = verdict(program.evaluate(&call), caller.endpoint.mode);
    let category = match call.subject {
        Subject::Tool { facts: Some(facts), .. } => facts.category.and_then(|category| category.as_str().parse().ok()),
        _ => None,
    };
    Ok(Decided { verdict, category })
}

/// Whether a call that was forwarded would be forwarded still, between two rounds of it. Its limits are taken already.
///
/// # Errors
///
/// When the policy denies it now, or cannot be asked.
pub(crate) async fn still_allowed(
    state: &State,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(), Refusal> {
    let envelope = Envelope::parse_with_depth(body, state.config.json_depth);
    let envelope = envelope.map_err(|error| Refusal::malformed(&error))?;
    let client = envelope.params().and_then(|params| params.meta.client_info).map(Implementation::of);
    let dialect = Dialect::Modern(client.unwrap_or_default());
    let message = Message { headers, body, envelope, dialect, server: None, arrived: std::time::Instant::now() };
    let Errand::Call(_, target) = message.errand()? else { return Ok(()) };
    let decided = decide(state, caller, &message, target).await?;
    match decided.verdict {
        Verdict::Denied { outcome, .. } if outcome != Outcome::ShadowDenied => Err(Refusal::no_longer_allowed()),
        Verdict::Denied { .. } | Verdict::Allowed(_) => Ok(()),
    }
}

/// The server's tools.
///
/// # Errors
///
/// 404 when the server was deleted since the grant was read; 503 when the database does not answer.
pub(crate) async fn inventory<'a>(state: &State, caller: &'a Caller) -> Result<&'a ServerInventory, Refusal> {
    let inventory = caller.endpoint.inventory(&state.inventories, caller.grant.epoch).await;
    inventory.map(AsRef::as_ref).map_err(Refusal::from)
}

fn facts<'a>(
    state: &State,
    caller: &'a Caller,
    message: &'a Message<'_>,
    target: Target<'a>,
    inventory: Option<&'a ServerInventory>,
) -> Call<'a> {
    let client = message.client();
    let arguments = message.envelope.params().and_then(|params| params.arguments);
    Call {
        subject: match target {
            Target::Tool(name) => Subject::Tool { name, facts: inventory.and_then(|inventory| inventory.get(name)) },
            Target::Resource(uri) => Subject::Resource { uri },
            Target::Prompt(name) => Subject::Prompt { name },
        },
        arguments: arguments.map_or(Arguments::Absent, Arguments::Json),
        grant: GrantFacts {
            id: Some(&caller.grant.id_text),
            label: Some(caller.grant.grant.label.as_str()),
            metadata: Some(&caller.grant.metadata),
        },
        client: ClientFacts {
            name: client.and_then(|client| client.name.as_deref()),
            version: client.and_then(|client| client.version.as_deref()),
        },
        server_slug: Some(caller.server().slug.as_str()),
        now: state.clock.now(),
    }
}

fn verdict(evaluation: Evaluation, mode: Mode) -> Verdict {
    let (denial, enforced) = match evaluation {
        Evaluation::Denied(denial) => (denial, Outcome::Denied),
        // Nobody can approve yet, so what needs an approval is held for good: fail closed.
        Evaluation::Proceed(proceed) => match (proceed.approval, proceed.limits) {
            (Some(need), _) => (need.denial(), Outcome::Held),
            (None, Err(denial)) => (denial, Outcome::Denied),
            (None, Ok(plan)) => return Verdict::Allowed(plan),
        },
    };
    let outcome = match mode {
        Mode::Enforce => enforced,
        Mode::Shadow => Outcome::ShadowDenied,
    };
    Verdict::Denied { denial, outcome }
}
