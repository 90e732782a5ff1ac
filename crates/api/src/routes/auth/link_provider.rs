//! `POST /auth/provider/link`

use axum::extract::State;
use axum::response::Response;

use crate::dto::identity::ProviderAddress;
use crate::error::ApiError;
use crate::extract::Person;
use crate::problems::{Always, PersonalChange, WithProvider};
use crate::routes::auth::begin_provider::leave;
use crate::state::ApiState;

/// Where to sign in elsewhere, so that the caller can sign in by the provider from then on.
#[utoipa::path(
    post,
    path = "/auth/provider/link",
    operation_id = "begin_provider_link",
    tag = "auth",
    security(("session" = [])),
    responses(
        (status = 200, description = "Where to go.", body = ProviderAddress),
        PersonalChange, WithProvider, Always
    )
)]
pub(crate) async fn handler(State(state): State<ApiState>, person: Person) -> Result<Response, ApiError> {
    leave(&state, "/security".to_owned(), Some(person.user.id)).await
}
