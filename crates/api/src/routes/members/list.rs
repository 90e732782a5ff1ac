//! `GET /members`

use axum::Json;
use axum::extract::State;
use ostiary_model::UserId;
use ostiary_storage::PageRequest;

use crate::dto::member::Member;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{ManageMembers, May, Query};
use crate::ops::cursor::page;
use crate::problems::{Always, Guarded, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// The members, in the order in which they signed up.
#[utoipa::path(
    get,
    path = "/members",
    operation_id = "list_members",
    tag = "members",
    params(PageParams),
    responses((status = 200, description = "A page of members.", body = Page<Member>), Parameters, Guarded, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Query(request): Query<PageRequest<UserId>>,
) -> Result<Json<Page<Member>>, ApiError> {
    let found = state.store.list_members(current.account_id(), request).await?;
    Ok(Json(page(found, |member| member.user.id, Member::from)))
}
