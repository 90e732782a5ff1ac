//! `GET /sessions`

use axum::Json;
use axum::extract::State;
use ostiary_model::SessionId;
use ostiary_storage::PageRequest;

use crate::dto::auth::Session;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{Person, Query};
use crate::ops::cursor::page;
use crate::problems::{Always, Parameters, Personal};
use crate::routes::PageParams;
use crate::state::ApiState;

/// The browsers in which the caller is signed in, the newest first.
#[utoipa::path(
    get,
    path = "/sessions",
    operation_id = "list_sessions",
    tag = "auth",
    security(("session" = [])),
    params(PageParams),
    responses((status = 200, description = "A page of sessions.", body = Page<Session>), Parameters, Personal, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Query(request): Query<PageRequest<SessionId>>,
) -> Result<Json<Page<Session>>, ApiError> {
    let found = state.store.list_sessions(person.user.id, state.clock.now(), request).await?;
    let own = person.session.id;
    Ok(Json(page(
        found,
        |session| session.id,
        |session| Session {
            id: session.id,
            account_id: session.account_id,
            is_current: session.id == own,
            user_agent: session.user_agent,
            address: session.address,
            method: session.method,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
        },
    )))
}
