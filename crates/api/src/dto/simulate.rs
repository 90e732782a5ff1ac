//! Trying a policy.

use chrono::{DateTime, Utc};
use ostiary_model::decision::Outcome;
use ostiary_model::{DecisionId, Mode, PolicyId, ServerId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::policy::{DocumentText, PolicyDocumentRequest};
use super::schema;
use crate::extract::input::JsonObject;
use crate::extract::{FromInput, Input};

/// What to try: a saved policy or a document, on given calls, on the decisions of a past period, or both.
#[derive(Debug, ToSchema)]
pub struct SimulatePolicyRequest {
    /// The server whose tools the calls are for.
    #[schema(value_type = String)]
    pub server_id: ServerId,
    /// A saved policy; either this or `document`.
    #[schema(value_type = Option<String>)]
    pub policy_id: Option<PolicyId>,
    /// A document; either this or `policy_id`.
    #[schema(value_type = Option<PolicyDocumentRequest>)]
    pub document: Option<DocumentText>,
    /// Calls to decide, at most 100.
    #[schema(value_type = Option<Vec<SimulatedCallRequest>>)]
    pub calls: Option<Vec<SimulatedCallRequest>>,
    /// A past period whose calls are decided again.
    pub decisions: Option<SimulatedPeriodRequest>,
}

/// A call to decide. Exactly one of `tool`, `resource` and `prompt`.
#[derive(Debug, ToSchema)]
pub struct SimulatedCallRequest {
    /// The tool that is called.
    pub tool: Option<String>,
    /// The URI of the resource that is read.
    pub resource: Option<String>,
    /// The prompt that is got.
    pub prompt: Option<String>,
    /// The arguments.
    #[schema(value_type = Option<Object>)]
    pub arguments: Option<String>,
    /// When; now, when it is left out.
    pub at: Option<DateTime<Utc>>,
    /// The grant that calls.
    pub grant: Option<SimulatedGrantRequest>,
    /// What the client calls itself.
    pub client: Option<SimulatedClientRequest>,
    /// Whether a person has said yes.
    pub approved: Option<bool>,
    /// Whether denials are enforced; `enforce` when it is left out.
    #[schema(schema_with = schema::mode)]
    pub mode: Option<Mode>,
}

/// A grant that calls.
#[derive(Debug, ToSchema)]
pub struct SimulatedGrantRequest {
    /// Its id.
    pub id: Option<String>,
    /// Its label.
    pub label: Option<String>,
    /// Its metadata.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<String>,
}

/// What a client calls itself.
#[derive(Debug, ToSchema)]
pub struct SimulatedClientRequest {
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
}

/// A past period.
#[derive(Debug, ToSchema)]
pub struct SimulatedPeriodRequest {
    /// From.
    pub since: DateTime<Utc>,
    /// Until, exclusive.
    pub until: DateTime<Utc>,
}

/// What the policy would have done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Simulation {
    /// One for each call, in their order.
    pub results: Vec<SimulatedCall>,
    /// About the past period, when one was given.
    pub summary: Option<SimulationSummary>,
}

/// What the policy would do with a call. Counters begin empty and live for the request.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulatedCall {
    /// What would become of the call.
    #[schema(schema_with = schema::outcome)]
    pub outcome: Outcome,
    /// Why, when it would not simply be allowed.
    pub code: Option<String>,
    /// The JSON Pointer of the deciding rule.
    pub rule: Option<String>,
    /// What the agent would be told.
    pub message: Option<String>,
    /// After how many milliseconds another attempt would make sense.
    pub retry_after_ms: Option<u64>,
    /// The steps of the decision, in order.
    #[schema(value_type = Vec<SimulationStep>)]
    pub steps: Vec<Value>,
}

/// One step of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulationStep {
    /// The number of the step in the order of evaluation.
    pub step: u8,
    /// What is looked at.
    pub name: String,
    /// What came out: `passed`, `denied`, `needs_approval` or `metered`.
    pub verdict: String,
    /// The rule that decided.
    pub rule: Option<String>,
    /// Why, where the call does not pass.
    pub message: Option<String>,
    /// What it looked at; names and truth values, never values of arguments.
    pub seen: Vec<SimulationSeen>,
}

/// A group, comparison or limit that a step looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulationSeen {
    /// Where it stands in the document.
    pub rule: String,
    /// What it is: an operator and paths, or a counter.
    pub what: String,
    /// What was found: `true`, `false` or `indeterminate`; null for what only counters can tell.
    pub truth: Option<String>,
}

/// What would have changed in a past period.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulationSummary {
    /// Calls of the period.
    pub total: u64,
    /// Calls that would have come out otherwise.
    pub changed: u64,
    /// Calls whose outcome depends on what the log does not keep: values of arguments.
    pub undecidable: u64,
    /// Whether the period has more calls than were looked at (the newest 10,000).
    pub truncated: bool,
    /// Changed calls, by what changed.
    pub by: Vec<SimulationChange>,
}

/// Calls that would have changed in the same way.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulationChange {
    /// What became of them.
    #[schema(schema_with = schema::outcome)]
    pub from: Outcome,
    /// What would have become of them.
    #[schema(schema_with = schema::outcome)]
    pub to: Outcome,
    /// Why.
    pub code: Option<String>,
    /// The JSON Pointer of the deciding rule.
    pub rule: Option<String>,
    /// How many.
    pub count: u64,
    /// One of them.
    #[schema(value_type = String)]
    pub example_decision_id: DecisionId,
}

/// Most calls of one request.
const MAX_CALLS: usize = 100;

impl FromInput for SimulatePolicyRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let server_id = input.required("server_id");
        let (policy_id, document) = (input.optional("policy_id"), input.optional("document"));
        if policy_id.is_some() == document.is_some() {
            input.note("document", "invalid", "give either `policy_id` or `document`");
        }
        let calls: Option<Vec<SimulatedCallRequest>> = input.optional("calls");
        if calls.as_ref().is_some_and(|calls| calls.len() > MAX_CALLS) {
            input.note("calls", "out_of_range", format!("must be at most {MAX_CALLS} calls"));
        }
        let decisions = input.optional("decisions");
        Some(Self { server_id: server_id?, policy_id, document, calls, decisions })
    }
}

impl FromInput for SimulatedCallRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (tool, resource, prompt) = (input.optional("tool"), input.optional("resource"), input.optional("prompt"));
        if [&tool, &resource, &prompt].into_iter().filter(|subject: &&Option<String>| subject.is_some()).count() != 1 {
            input.note("tool", "invalid", "give exactly one of `tool`, `resource` and `prompt`");
        }
        Some(Self {
            tool,
            resource,
            prompt,
            arguments: input.optional("arguments").map(|JsonObject(text)| text),
            at: input.optional("at"),
            grant: input.optional("grant"),
            client: input.optional("client"),
            approved: input.optional("approved"),
            mode: input.optional("mode"),
        })
    }
}

impl FromInput for SimulatedGrantRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (id, label) = (input.optional("id"), input.optional("label"));
        Some(Self { id, label, metadata: input.optional("metadata").map(|JsonObject(text)| text) })
    }
}

impl FromInput for SimulatedClientRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { name: input.optional("name"), version: input.optional("version") })
    }
}

impl FromInput for SimulatedPeriodRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (since, until) = (input.required("since"), input.required("until"));
        let period = Self { since: since?, until: until? };
        if period.since >= period.until {
            input.note("until", "out_of_range", "must be later than `since`");
        }
        Some(period)
    }
}
