//! `POST /policies/simulate`

use axum::extract::State;

use crate::dto::policy::DocumentText;
use crate::dto::simulate::{SimulatePolicyRequest, Simulation};
use crate::error::ApiError;
use crate::extract::{Current, Json, May, View};
use crate::ops::document;
use crate::ops::simulate::{Trial, past};
use crate::problems::{Always, GuardedChange, PolicyBody};
use crate::state::ApiState;

/// Tries a saved policy, or a document that is not saved, on calls and on the decisions of a past
/// period. Nothing is forwarded, recorded or charged.
#[utoipa::path(
    post,
    path = "/policies/simulate",
    operation_id = "simulate_policy",
    tag = "policies",
    request_body = SimulatePolicyRequest,
    responses(
        (status = 200, description = "What the policy would do.", body = Simulation),
        PolicyBody, GuardedChange, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Json(request): Json<SimulatePolicyRequest>,
) -> Result<axum::Json<Simulation>, ApiError> {
    let account_id = current.account_id();
    let not_found = |pointer, what| ApiError::invalid(pointer, "not_found", format!("there is no such {what}"));
    let server = state.store.get_server(account_id, request.server_id).await?;
    let server = server.ok_or_else(|| not_found("/server_id", "server"))?;
    let text = text(&state, &current, &request).await?.ok_or_else(|| not_found("/policy_id", "policy"))?;
    let program = document::parse(&text)?.compile();
    let inventory = document::inventory(&server, &state.store.list_all_tools(account_id, server.id).await?);

    let now = state.clock.now();
    let mut trial = Trial::new(&program, &inventory, server.slug.as_str());
    let results = request.calls.iter().flatten().map(|call| trial.call(call, now)).collect();
    let summary = match request.decisions {
        None => None,
        Some(period) => {
            let (decisions, truncated) =
                past::decisions(&state, account_id, server.id, period.since, period.until).await?;
            let metadata = past::metadata(&state, account_id, &decisions).await?;
            // Counters of the period are not those of the calls above.
            let mut trial = Trial::new(&program, &inventory, server.slug.as_str());
            Some(past::summarize(&mut trial, &document::value(&text.0), &decisions, &metadata, truncated))
        }
    };
    Ok(axum::Json(Simulation { results, summary }))
}

/// The document on trial: the one that was sent, or the newest version of the saved policy.
async fn text(
    state: &ApiState,
    current: &Current,
    request: &SimulatePolicyRequest,
) -> Result<Option<DocumentText>, ApiError> {
    if let Some(document) = &request.document {
        return Ok(Some(document.clone()));
    }
    let Some(id) = request.policy_id else { return Ok(None) };
    let policy = state.store.get_policy(current.account_id(), id).await?;
    Ok(policy.map(|policy| DocumentText(policy.version.document)))
}
