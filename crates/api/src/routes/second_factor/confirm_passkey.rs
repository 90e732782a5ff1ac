//! `POST /second-factor/passkeys/confirm`

use axum::extract::State;
use ostiary_model::{AuditAction, PasskeyId};
use ostiary_storage::{StorageError, StoredPasskey};
use serde_json::json;

use crate::dto::second_factor::{ConfirmPasskeyRequest, SecondFactorAdded};
use crate::error::ApiError;
use crate::extract::{Json, Person};
use crate::ops::passkey::{asked, passkeys, refused};
use crate::ops::person::events;
use crate::ops::second_factor::{Factors, first_codes};
use crate::problems::{Always, Body, NoPasskeys, PersonalChange};
use crate::state::ApiState;

/// More than anybody has devices.
const MOST: usize = 20;

/// Adds the passkey that the browser has made. From then on a second factor is asked for when signing in; the recovery
/// codes that come with the first one stand in for it. Other browsers stay signed in.
#[utoipa::path(
    post,
    path = "/second-factor/passkeys/confirm",
    operation_id = "confirm_passkey",
    tag = "auth",
    security(("session" = [])),
    request_body = ConfirmPasskeyRequest,
    responses(
        (status = 200, description = "Added.", body = SecondFactorAdded),
        Body, PersonalChange, NoPasskeys, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Json(request): Json<ConfirmPasskeyRequest>,
) -> Result<axum::Json<SecondFactorAdded>, ApiError> {
    let (user, passkeys) = (&person.user, passkeys(&state)?);
    let asked = asked(&state, user.id, request.ceremony).await?;
    let credential = passkeys.finish_registration(&asked, &request.credential.0).map_err(refused)?;
    let before = Factors::of(&state, user).await?;
    if before.passkeys.len() >= MOST {
        return Err(ApiError::invalid("", "too_many", format!("there may be {MOST} passkeys; remove one first")));
    }
    let after = json!({"passkey": request.name});
    let events = events(&state, user, AuditAction::PasskeyAdded).await?.into_iter().map(|event| event.after(&after));
    let passkey = StoredPasskey {
        id: PasskeyId::generate(),
        user_id: user.id,
        name: request.name,
        credential_id: credential.id,
        credential: credential.content,
        created_at: state.clock.now(),
        last_used_at: None,
    };
    let mut transaction = state.begin().await?;
    transaction.create_passkey(&passkey).await.map_err(|error| match error {
        StorageError::Conflict { .. } => ApiError::invalid("/credential", "known", "is a passkey already"),
        other => other.into(),
    })?;
    let added = first_codes(&mut *transaction, user, &before).await?;
    transaction.commit(events.collect::<Vec<_>>().into()).await?;
    Ok(axum::Json(added))
}
