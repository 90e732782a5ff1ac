//! `POST /invitations`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use http::StatusCode;
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{AuditAction, Invitation, InvitationId};

use crate::dto::member::{CreateInvitationRequest, InvitationWithLink};
use crate::error::ApiError;
use crate::extract::{Json, ManageMembers, May};
use crate::mail;
use crate::ops::member::Roles;
use crate::ops::plan::Added;
use crate::ops::{audit, plan};
use crate::problems::{Always, Body, GuardedChange, MailFailed, PlanLimited};
use crate::state::ApiState;

/// How long an invitation can be accepted.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// Invites somebody, with at most the caller's role. The link goes to the address by mail; an installation that sends
/// none shows it in this answer and never again. A new invitation to the same address replaces the one before.
#[utoipa::path(
    post,
    path = "/invitations",
    operation_id = "create_invitation",
    tag = "members",
    request_body = CreateInvitationRequest,
    responses(
        (status = 201, description = "The invitation.", body = InvitationWithLink),
        Body, GuardedChange, PlanLimited, MailFailed, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Json(request): Json<CreateInvitationRequest>,
) -> Result<Response, ApiError> {
    let account_id = current.account_id();
    if let Some(stored) = state.store.find_user_by_email(&request.email).await?
        && state.store.get_member(account_id, stored.user.id).await?.is_some()
    {
        return Err(ApiError::invalid("/email", "already_member", "is a member of the account already"));
    }
    let now = state.clock.now();
    let token = Token::mint(TokenKind::Invitation);
    let invitation = Invitation {
        id: InvitationId::generate(),
        account_id,
        email: request.email,
        role: request.role,
        is_mailed: state.mail.is_some(),
        created_by: current.actor.id(),
        created_at: now,
        expires_at: now + LIFETIME,
    };
    let mut transaction = state.begin().await?;
    plan::hold(&state, &mut *transaction, account_id, Added::Invitation(&invitation.email)).await?;
    let own = Roles::lock(&mut *transaction, account_id).await?.of_caller(&current)?;
    if !own.covers(request.role) {
        return Err(ApiError::invalid("/role", "role_above_own", "must not allow more than your own role"));
    }
    transaction.create_invitation(&invitation, token.hash().as_bytes()).await?;
    let event = current.event(&state, AuditAction::InvitationCreated, invitation.id);
    transaction.commit(event.after(&audit::invitation(&invitation)).into()).await?;

    let link = state.link("accept", token.reveal());
    let link = if invitation.is_mailed {
        state.send_mail(mail::invitation(&invitation, &current.account.name, &link)).await?;
        None
    } else {
        Some(link)
    };
    let body = InvitationWithLink { invitation: invitation.into(), link };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}
