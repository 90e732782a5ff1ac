//! `PATCH /servers/{id}/tools/{name}`

use axum::extract::State;
use ostiary_model::tool::Override;
use ostiary_model::{AuditAction, AuditObject, ServerId, Tool as StoredTool};

use crate::dto::tool::{Tool, UpdateToolRequest};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, ManagePolicies, May, Path};
use crate::ops::finding::Neighbourhood;
use crate::ops::tool::{from_hex, tag, tool};
use crate::ops::tool_change::review_of_tool;
use crate::ops::{self, audit};
use crate::problems::{Always, Body, GuardedChange, Missing, Stale};
use crate::routes::{IfMatchParam, Tagged};
use crate::state::ApiState;

/// Accepts the definition of a tool that changed, or overrules its category and risk. `fingerprint` says which
/// definition was looked at: when the tool changed again since, the answer is 412.
#[utoipa::path(
    patch,
    path = "/servers/{id}/tools/{name}",
    operation_id = "update_tool",
    tag = "servers",
    params(
        ("id" = String, Path, description = "The server."),
        ("name" = String, Path, description = "The tool."),
        IfMatchParam
    ),
    request_body = UpdateToolRequest,
    responses((status = 200, description = "The tool.", body = Tool), Body, GuardedChange, Missing, Stale, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManagePolicies>,
    Path((id, name)): Path<(ServerId, String)>,
    if_match: IfMatch,
    Json(request): Json<UpdateToolRequest>,
) -> Result<Tagged<Tool>, ApiError> {
    let account_id = current.account_id();
    let server = ops::server::get(&state, account_id, id).await?;
    state.store.get_tool(account_id, id, &name).await?.ok_or(ApiError::NotFound)?;
    let now = state.clock.now();
    let mut transaction = state.begin().await?;
    let held = transaction.lock_tools(account_id, id).await?;
    let found = held.into_iter().find(|tool| tool.name == name).ok_or(ApiError::NotFound)?;
    if_match.check(tag(&found))?;
    let mut events = Vec::new();
    if let Some(fingerprint) = request.fingerprint {
        let fingerprint = from_hex(&fingerprint)
            .ok_or_else(|| ApiError::invalid("/fingerprint", "invalid", "must be the `fingerprint` of the tool"))?;
        if found.fingerprint != fingerprint {
            return Err(ApiError::StaleVersion);
        }
        if request.accept == Some(true) {
            transaction.accept_tool(account_id, id, &name, &fingerprint).await?;
            review_of_tool(&mut *transaction, (account_id, id), &name, current.actor.id(), now).await?;
            let accepted = StoredTool { accepted_fingerprint: fingerprint, ..found.clone() };
            let event = current.event(&state, AuditAction::ToolAccepted, AuditObject::tool(id, &name));
            events.push(event.before(&audit::tool(&found)).after(&audit::tool(&accepted)));
        }
    }
    if request.category.is_some() || request.risk.is_some() {
        let before = found.overridden.as_ref();
        let category = request.category.unwrap_or_else(|| before.and_then(|before| before.category));
        let risk = request.risk.unwrap_or_else(|| before.and_then(|before| before.risk));
        let overridden = Override { category, risk, by: current.actor.id(), at: now };
        let overridden = (category.is_some() || risk.is_some()).then_some(overridden);
        transaction.override_tool(account_id, id, &name, overridden.as_ref()).await?;
        let now_is = StoredTool { overridden, ..found.clone() };
        let event = current.event(&state, AuditAction::ToolOverridden, AuditObject::tool(id, &name));
        events.push(event.before(&audit::tool(&found)).after(&audit::tool(&now_is)));
    }
    state.commit(transaction, account_id, events).await?;
    let found = state.store.get_tool(account_id, id, &name).await?.ok_or(ApiError::NotFound)?;
    let around = Neighbourhood::of(&state, current.account_id(), id, server.name.as_str()).await?;
    Ok(Tagged::new(tag(&found), tool(&around, found)))
}
