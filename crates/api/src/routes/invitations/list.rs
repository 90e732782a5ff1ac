//! `GET /invitations`

use axum::Json;
use axum::extract::State;
use ostiary_model::InvitationId;
use ostiary_storage::PageRequest;

use crate::dto::member::Invitation;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{ManageMembers, May, Query};
use crate::ops::cursor::page;
use crate::problems::{Always, Guarded, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// Invitations that nobody has accepted yet, expired ones among them, the newest first.
#[utoipa::path(
    get,
    path = "/invitations",
    operation_id = "list_invitations",
    tag = "members",
    params(PageParams),
    responses(
        (status = 200, description = "A page of invitations.", body = Page<Invitation>),
        Parameters, Guarded, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Query(request): Query<PageRequest<InvitationId>>,
) -> Result<Json<Page<Invitation>>, ApiError> {
    let found = state.store.list_invitations(current.account_id(), request).await?;
    Ok(Json(page(found, |invitation| invitation.id, Invitation::from)))
}
