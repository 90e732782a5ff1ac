//! Mail by SMTP.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use ostiary_api::{Mail, MailError, SendMail};
use secrecy::ExposeSecret as _;

use crate::config::MailServer;

/// How long one step of handing a mail over may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hands mail to one mail server.
pub(crate) struct SmtpSender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpSender {
    /// A sender for the configured server. It is connected to when there is something to send.
    ///
    /// # Errors
    ///
    /// A URL that the mail client cannot use; it is not repeated, since it may hold a password.
    pub(crate) fn new(server: &MailServer) -> anyhow::Result<Self> {
        let url = server.url.expose_secret();
        let builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| WrongUrl).context("OSTIARY_MAIL_URL")?;
        Ok(Self { transport: builder.timeout(Some(PATIENCE)).build(), from: server.from.clone() })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the URL cannot be used; it must read `smtps://user:password@host` or `smtp://host?tls=required`")]
struct WrongUrl;

// SECURITY: the transport holds the password.
impl fmt::Debug for SmtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSender").finish_non_exhaustive()
    }
}

#[async_trait]
impl SendMail for SmtpSender {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to = mail
            .to
            .as_str()
            .parse()
            .map_err(|_| MailError("the address is none that mail can be sent to".to_owned()))?;
        let message = MessageBuilder::new()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .message_id(None)
            .body(mail.text)
            .map_err(|error| MailError(error.to_string()))?;
        self.deliver(message).await
    }
}

impl SmtpSender {
    async fn deliver(&self, message: Message) -> Result<(), MailError> {
        // SECURITY: what the server says may repeat addresses; only what kind of failure it is goes on.
        self.transport.send(message).await.map(drop).map_err(|error| {
            MailError(match error.status() {
                Some(code) => format!("the mail server answered {code}"),
                None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
                None => "the mail server cannot be reached".to_owned(),
            })
        })
    }
}
