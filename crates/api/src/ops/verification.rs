//! The proof that mail to a user's address reaches them.

use chrono::TimeDelta;
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{LinkPurpose, User};
use ostiary_storage::Unrecorded;

use crate::error::ApiError;
use crate::mail::{self, Mail};
use crate::state::ApiState;

/// How long the link works.
const LIFETIME: TimeDelta = TimeDelta::days(1);

/// Makes a link and the mail it goes with.
///
/// # Errors
///
/// Those of the database.
pub async fn prepare(state: &ApiState, user: &User) -> Result<Mail, ApiError> {
    let token = Token::mint(TokenKind::EmailProof);
    let expires_at = state.clock.now() + LIFETIME;
    let mut transaction = state.begin().await?;
    transaction.create_link(user.id, LinkPurpose::VerifyEmail, token.hash().as_bytes(), expires_at).await?;
    // What is recorded is that it was used.
    transaction.commit(Unrecorded::NoAccount.into()).await?;
    Ok(mail::verification(user.email.clone(), &state.link("verify-email", token.reveal())))
}
