//! Mail to people: what is said in it. How it is sent is behind [`SendMail`].

use async_trait::async_trait;
use ostiary_model::{Email, Invitation, Name};

use crate::error::ApiError;
use crate::state::ApiState;

/// One mail.
#[derive(Clone)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// About what.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

// SECURITY: links in the text open things; addresses are nobody's business.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// A mail that was not taken over by the mail server. The cause has no part of the mail.
#[derive(Debug, thiserror::Error)]
#[error("the mail could not be sent: {0}")]
pub struct MailError(pub String);

/// Sends mail.
#[async_trait]
pub trait SendMail: std::fmt::Debug + Send + Sync {
    /// Hands a mail over; answers when the mail server has taken it.
    ///
    /// # Errors
    ///
    /// When it cannot be reached or does not take it.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}

/// An invitation with its link.
#[must_use]
pub fn invitation(invitation: &Invitation, account: &Name, link: &str) -> Mail {
    let until = invitation.expires_at.format("%-d %B %Y, %H:%M UTC");
    Mail {
        to: invitation.email.clone(),
        subject: format!("You are invited to {account} on Ostiary"),
        text: format!(
            "You are invited to become a member of the account \"{account}\" on Ostiary.\n\n\
             Open this link to accept:\n\n{link}\n\n\
             It works once, until {until}. If you do not know who invites you, do nothing.\n"
        ),
    }
}

/// The link to a new password.
#[must_use]
pub fn password_reset(to: Email, link: &str) -> Mail {
    Mail {
        to,
        subject: "Set a new password for Ostiary".to_owned(),
        text: format!(
            "Somebody, probably you, asked for a new password for this address on Ostiary.\n\n\
             Open this link to set one:\n\n{link}\n\n\
             It works once, for an hour. If it was not you, do nothing: your password stays as it is.\n"
        ),
    }
}

/// The link that proves that mail arrives.
#[must_use]
pub fn verification(to: Email, link: &str) -> Mail {
    Mail {
        to,
        subject: "Confirm your address for Ostiary".to_owned(),
        text: format!(
            "This address is used to sign in to Ostiary. Open this link to confirm that it is yours:\n\n{link}\n\n\
             It works once, for a day. If you did not sign up, do nothing.\n"
        ),
    }
}

/// What is told after a password was changed, so that nobody else does it unnoticed.
#[must_use]
pub fn password_changed(to: Email) -> Mail {
    Mail {
        to,
        subject: "Your password for Ostiary was changed".to_owned(),
        text: "Your password for Ostiary was changed, and everything else that was signed in is signed out.\n\n\
               If it was not you, set a new password at once: choose \"Forgot your password?\" where you sign in.\n"
            .to_owned(),
    }
}

impl ApiState {
    /// The address of a page of the dashboard that takes a token. The token stands behind `#`, which browsers send to
    /// no server: it gets into no log on the way.
    #[must_use]
    pub fn link(&self, page: &str, token: &str) -> String {
        format!("{}/{page}#{token}", self.settings.public_url.as_str().trim_end_matches('/'))
    }

    /// Sends a mail somebody waits for.
    ///
    /// # Errors
    ///
    /// [`ApiError::MailNotSent`]; [`ApiError::NoMail`] in an installation that sends none.
    pub async fn send_mail(&self, mail: Mail) -> Result<(), ApiError> {
        let sender = self.mail.as_ref().ok_or(ApiError::NoMail)?;
        sender.send(mail).await.map_err(|error| ApiError::MailNotSent(error.into()))
    }

    /// Sends a mail nobody waits for: whether it arrives changes no answer, nor the time of one.
    pub fn send_mail_later(&self, mail: Mail) {
        let Some(sender) = self.mail.clone() else { return };
        tokio::spawn(async move {
            if let Err(error) = sender.send(mail).await {
                tracing::error!(%error, "a mail was not sent");
            }
        });
    }
}
