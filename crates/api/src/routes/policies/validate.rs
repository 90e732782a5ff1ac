//! `POST /policies/validate`

use axum::extract::State;

use crate::dto::policy::{PolicyValidation, ValidatePolicyRequest};
use crate::error::ApiError;
use crate::extract::{Json, May, View};
use crate::ops::document::{diagnostic, inventory};
use crate::problems::{Always, Body, GuardedChange};
use crate::state::ApiState;

/// What is said about a document: errors keep it from being saved, warnings do not. With a server,
/// the document is also compared with its tools.
#[utoipa::path(
    post,
    path = "/policies/validate",
    operation_id = "validate_policy",
    tag = "policies",
    request_body = ValidatePolicyRequest,
    responses((status = 200, description = "The remarks.", body = PolicyValidation), Body, GuardedChange, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Json(request): Json<ValidatePolicyRequest>,
) -> Result<axum::Json<PolicyValidation>, ApiError> {
    let account_id = current.account_id();
    let inventory = match request.server_id {
        None => None,
        Some(id) => {
            let server = state.store.get_server(account_id, id).await?;
            let server =
                server.ok_or_else(|| ApiError::invalid("/server_id", "not_found", "there is no such server"))?;
            Some(inventory(&server, &state.store.list_all_tools(account_id, id).await?))
        }
    };
    let (errors, warnings) = match ostiary_policy::parse(&request.document.0) {
        Ok(document) => (Vec::new(), ostiary_policy::lint(&document, inventory.as_ref())),
        Err(errors) => (errors, Vec::new()),
    };
    Ok(axum::Json(PolicyValidation {
        valid: errors.is_empty(),
        errors: errors.into_iter().map(diagnostic).collect(),
        warnings: warnings.into_iter().map(diagnostic).collect(),
    }))
}
