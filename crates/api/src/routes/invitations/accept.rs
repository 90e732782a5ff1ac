//! `POST /invitations/accept`

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use ostiary_model::{AuditAction, AuditActor, AuditEntry, Session, SignInMethod, User, UserId};
use ostiary_storage::{InvitationMatch, StorageError, StoredUser, Transaction};
use serde_json::json;

use crate::dto::account::Me;
use crate::dto::member::AcceptInvitationRequest;
use crate::error::{ApiError, OnConflict as _};
use crate::extract::{Json, Origin, Person};
use crate::ops::account::me_as_user;
use crate::ops::attempts::{Counted, Subject};
use crate::ops::invitation::{by_token, link_not_valid};
use crate::ops::plan::Added;
use crate::ops::{plan, session};
use crate::problems::{Accepting, Always, Body};
use crate::state::ApiState;

/// Accepts an invitation. Whoever has signed up with its address signs in first; anybody else chooses a password, and
/// is signed up and in. The browser looks at the account afterwards.
#[utoipa::path(
    post,
    path = "/invitations/accept",
    operation_id = "accept_invitation",
    tag = "members",
    security((), ("session" = [])),
    request_body = AcceptInvitationRequest,
    responses((status = 200, description = "A member, signed in.", body = Me), Body, Accepting, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    headers: HeaderMap,
    origin: Origin,
    Json(request): Json<AcceptInvitationRequest>,
) -> Result<Response, ApiError> {
    let counted = Counted::begin(&state, origin.address.map(Subject::Address)).await?;
    let found = by_token(&state, &request.token).await?;
    counted.was_right(&state).await?;
    let (user, session) = match Person::find(&state, &headers).await? {
        Some(person) if person.user.email == found.invitation.email => join(&state, person, &found).await?,
        Some(_) => return Err(ApiError::InvitedSomebodyElse),
        None => {
            if state.store.find_user_by_email(&found.invitation.email).await?.is_some() {
                return Err(ApiError::SignInFirst);
            }
            let password =
                request.password.ok_or_else(|| ApiError::invalid("/password", "required", "must be given"))?;
            let password_hash = state.passwords.hash(password).await?;
            sign_up(&state, password_hash, &found, &origin).await?
        }
    };
    let account = found.account;
    let member = state.store.get_member(account.id, user.id).await?.ok_or(ApiError::NotFound)?;
    session::signed_in(&state, StatusCode::OK, &session, me_as_user(&state, &user, &account, member.role))
}

/// Somebody who is signed in becomes a member, or is one already, and looks at the account.
async fn join(state: &ApiState, person: Person, found: &InvitationMatch) -> Result<(User, Session), ApiError> {
    let (user, account_id) = (person.user, found.account.id);
    let is_member = state.store.get_member(account_id, user.id).await?.is_some();
    let mut transaction = state.begin().await?;
    if !is_member {
        plan::hold(state, &mut *transaction, account_id, Added::Member).await?;
        let (role, now) = (found.invitation.role, state.clock.now());
        let added = transaction.create_member(account_id, user.id, role, now).await;
        // In the same moment, by another browser of the same person.
        added.on_conflict("members_account_id_user_id_key", link_not_valid())?;
    }
    take(&mut *transaction, found).await?;
    transaction.move_session(person.session.id, account_id).await?;
    transaction.commit(event(state, &user, found).into()).await?;
    Ok((user, Session { account_id, ..person.session }))
}

/// Somebody new signs up and becomes a member.
async fn sign_up(
    state: &ApiState,
    password_hash: String,
    found: &InvitationMatch,
    origin: &Origin,
) -> Result<(User, Session), ApiError> {
    let (invitation, now) = (&found.invitation, state.clock.now());
    let user = User {
        id: UserId::generate(),
        email: invitation.email.clone(),
        created_at: now,
        // The link went to the address and nowhere else.
        email_verified_at: invitation.is_mailed.then_some(now),
    };
    let stored = StoredUser { user, password_hash };
    let session = session::begin(state, stored.user.id, found.account.id, origin, SignInMethod::Password);
    let mut transaction = state.begin().await?;
    plan::hold(state, &mut *transaction, found.account.id, Added::Member).await?;
    transaction.create_user(&stored).await.on_conflict("users_email_key", ApiError::SignInFirst)?;
    transaction.create_member(found.account.id, stored.user.id, invitation.role, now).await?;
    take(&mut *transaction, found).await?;
    transaction.create_session(&session).await?;
    transaction.commit(event(state, &stored.user, found).into()).await?;
    Ok((stored.user, session))
}

/// Uses the invitation up; the second of two who try at once finds that it was used.
async fn take(transaction: &mut dyn Transaction, found: &InvitationMatch) -> Result<(), ApiError> {
    let taken = transaction.delete_invitation(found.account.id, found.invitation.id).await;
    taken.map_err(|error| match error {
        StorageError::NotFound => link_not_valid(),
        other => other.into(),
    })
}

fn event(state: &ApiState, user: &User, found: &InvitationMatch) -> AuditEntry {
    let (actor, invitation) = (AuditActor::user(user), &found.invitation);
    let entry = AuditEntry::new(found.account.id, state.clock.now(), actor, AuditAction::MemberAdded, user.id);
    entry
        .after(&json!({ "role": invitation.role, "invitation_id": invitation.id, "invited_by": invitation.created_by }))
}
