//! `GET /members/{id}`

use axum::extract::State;
use ostiary_model::UserId;

use crate::dto::member::Member;
use crate::error::ApiError;
use crate::extract::{ManageMembers, May, Path};
use crate::ops::member::tag;
use crate::problems::{Always, Guarded, Missing};
use crate::routes::Tagged;
use crate::state::ApiState;

/// A member.
#[utoipa::path(
    get,
    path = "/members/{id}",
    operation_id = "get_member",
    tag = "members",
    params(("id" = String, Path, description = "The member's user.")),
    responses((status = 200, description = "The member.", body = Member), Guarded, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Path(id): Path<UserId>,
) -> Result<Tagged<Member>, ApiError> {
    let member = state.store.get_member(current.account_id(), id).await?.ok_or(ApiError::NotFound)?;
    Ok(Tagged::new(tag(id, member.role), member.into()))
}
