//! `POST /grants/{id}/rotate`

use axum::Json as JsonResponse;
use axum::extract::State;
use chrono::TimeDelta;
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{AuditAction, Grant as StoredGrant, GrantId};

use crate::dto::grant::{GrantWithToken, RotateGrantRequest};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, ManageAccess, May, Path};
use crate::ops::audit;
use crate::ops::grant::{GrantWriter, get, get_live, hold};
use crate::problems::{Always, Body, GuardedChange, Missing, Stale};
use crate::routes::IfMatchParam;
use crate::state::ApiState;

/// Gives a grant a new token, shown in this answer and never again. The ones it had stop working
/// after the overlap.
#[utoipa::path(
    post,
    path = "/grants/{id}/rotate",
    operation_id = "rotate_grant",
    tag = "grants",
    params(("id" = String, Path, description = "The grant."), IfMatchParam),
    request_body = RotateGrantRequest,
    responses(
        (status = 200, description = "The grant and its new token, this once.", body = GrantWithToken),
        Body, GuardedChange, Missing, Stale, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path(id): Path<GrantId>,
    if_match: IfMatch,
    Json(request): Json<RotateGrantRequest>,
) -> Result<JsonResponse<GrantWithToken>, ApiError> {
    let grant = get_live(&state, current.account_id(), id).await?;
    let token = Token::mint(TokenKind::Grant);
    let overlap = TimeDelta::seconds(request.overlap_seconds.unwrap_or_default().into());
    let old_until = state.clock.now() + overlap;
    let mut transaction = state.begin().await?;
    hold(&mut *transaction, &if_match, &grant).await?;
    transaction.rotate_token(current.account_id(), id, token.hash().as_bytes(), &token.hint(), old_until).await?;
    let rotated = StoredGrant { token_hint: token.hint(), ..grant.clone() };
    let event = current.event(&state, AuditAction::GrantRotated, id);
    let event = event.before(&audit::grant(&grant)).after(&audit::grant(&rotated));
    state.commit(transaction, current.account_id(), event).await?;
    let grant = get(&state, current.account_id(), id).await?;
    let grant = GrantWriter::new(&state, &current.account).grant(grant).await?;
    Ok(JsonResponse(GrantWithToken { grant, token: token.reveal().to_owned() }))
}
