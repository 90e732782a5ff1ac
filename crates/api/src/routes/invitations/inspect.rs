//! `POST /invitations/inspect`

use axum::extract::State;

use crate::dto::member::{InspectInvitationRequest, InvitationPreview};
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::ops::attempts::{Counted, Subject};
use crate::ops::invitation::by_token;
use crate::problems::{Always, Body, Open};
use crate::state::ApiState;

/// What an invitation is to, for whoever has its link.
#[utoipa::path(
    post,
    path = "/invitations/inspect",
    operation_id = "inspect_invitation",
    tag = "members",
    security(()),
    request_body = InspectInvitationRequest,
    responses((status = 200, description = "The invitation.", body = InvitationPreview), Body, Open, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<InspectInvitationRequest>,
) -> Result<axum::Json<InvitationPreview>, ApiError> {
    let counted = Counted::begin(&state, origin.address.map(Subject::Address)).await?;
    let found = by_token(&state, &request.token).await?;
    counted.was_right(&state).await?;
    let has_user = state.store.find_user_by_email(&found.invitation.email).await?.is_some();
    Ok(axum::Json(InvitationPreview {
        account_name: found.account.name,
        email: found.invitation.email,
        role: found.invitation.role,
        expires_at: found.invitation.expires_at,
        has_user,
    }))
}
