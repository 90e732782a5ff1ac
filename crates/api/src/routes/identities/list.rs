//! `GET /identities`

use axum::Json;
use axum::extract::State;

use crate::dto::identity::{Identities, Identity};
use crate::error::ApiError;
use crate::extract::Person;
use crate::problems::{Always, Personal};
use crate::state::ApiState;

/// How providers of sign-ins know the caller.
#[utoipa::path(
    get,
    path = "/identities",
    operation_id = "list_identities",
    tag = "auth",
    security(("session" = [])),
    responses((status = 200, description = "The identities.", body = Identities), Personal, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, person: Person) -> Result<Json<Identities>, ApiError> {
    let found = state.store.list_identities(person.user.id).await?;
    Ok(Json(Identities { items: found.into_iter().map(Identity::from).collect() }))
}
