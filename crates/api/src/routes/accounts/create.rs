//! `POST /accounts`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ostiary_model::Role;

use crate::dto::account::{CreateAccountRequest, Me};
use crate::error::ApiError;
use crate::extract::{Json, Person};
use crate::ops::account::me_as_user;
use crate::ops::founding::{Founder, Look, found};
use crate::problems::{Always, Body, PersonalChange};
use crate::state::ApiState;

/// Makes another account, owned by the caller, whose browser looks at it afterwards.
#[utoipa::path(
    post,
    path = "/accounts",
    operation_id = "create_account",
    tag = "account",
    security(("session" = [])),
    request_body = CreateAccountRequest,
    responses((status = 201, description = "The caller in the new account.", body = Me), Body, PersonalChange, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Json(request): Json<CreateAccountRequest>,
) -> Result<Response, ApiError> {
    let founder = Founder::Known(&person.user);
    let (account, _) = found(&state, founder, request.name, Look::Turn(&person.session)).await?;
    let me: Me = me_as_user(&state, &person.user, &account, Role::Owner);
    Ok((StatusCode::CREATED, axum::Json(me)).into_response())
}
