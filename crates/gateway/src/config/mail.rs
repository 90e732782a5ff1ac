//! The mail server.

use std::net::Ipv4Addr;

use lettre::message::Mailbox;
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use super::read::{Reader, parsed, secret};

/// Where mail is handed over, and in whose name.
#[derive(Clone, Debug)]
pub struct MailServer {
    /// Its URL, which may hold a password.
    pub url: SecretString,
    /// Who mail comes from.
    pub from: Mailbox,
}

impl MailServer {
    /// None: something is wrong. None within: no mail is sent.
    #[expect(clippy::option_option, reason = "wrong and absent are two things")]
    pub(super) fn read(reader: &mut Reader) -> Option<Option<Self>> {
        let url = reader.optional("mail.url", |value| secret(value).and_then(checked));
        let from =
            reader.optional("mail.from", |value| parsed(value, "an address, such as `Ostiary <ostiary@example.com>`"));
        match (url?, from?) {
            (None, _) => Some(None),
            (Some(url), Some(from)) => Some(Some(Self { url, from })),
            (Some(_), None) => {
                reader.problem("mail.from", "is needed where mail is sent");
                None
            }
        }
    }
}

/// SECURITY: mail has links that open things, and the URL may have a password: neither goes over a network in the clear
/// because somebody forgot a parameter.
fn checked(url: SecretString) -> Result<SecretString, String> {
    let wrong = "must read `smtps://user:password@host` or `smtp://host?tls=required`";
    let parsed = Url::parse(url.expose_secret()).map_err(|_| wrong.to_owned())?;
    let is_local = match parsed.host() {
        // In a URL of a scheme that the standard does not name, an IPv4 address is a name.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong.to_owned()),
    };
    let asks_for_tls = parsed.query_pairs().any(|(name, value)| name == "tls" && value == "required");
    match parsed.scheme() {
        "smtps" => Ok(url),
        "smtp" if asks_for_tls || is_local => Ok(url),
        "smtp" => Err("needs `?tls=required` unless the mail server is on this machine".to_owned()),
        _ => Err(wrong.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_url_in_the_clear_is_taken_on_this_machine_only() {
        for url in
            ["smtps://u:p@mail.example", "smtp://mail.example?tls=required", "smtp://127.0.0.1:25", "smtp://[::1]"]
        {
            assert!(checked(SecretString::from(url)).is_ok(), "{url}");
        }
        for url in ["smtp://mail.example", "smtp://mail.example?tls=opportunistic", "http://mail.example", "mail", ""] {
            let error = checked(SecretString::from(url)).expect_err(url);
            assert!(url.is_empty() || !error.contains(url), "{error}");
        }
    }
}
