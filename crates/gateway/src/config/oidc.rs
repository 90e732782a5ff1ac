//! The provider of sign-ins (OpenID Connect).

use std::fs;

use openidconnect::IssuerUrl;
use secrecy::SecretString;

use super::read::{Reader, text};

/// Who else says who people are.
#[derive(Clone, Debug)]
pub struct OidcProvider {
    /// Its issuer, by which it is discovered: to the letter, as it calls itself.
    pub issuer: IssuerUrl,
    /// What it calls this installation.
    pub client_id: String,
    /// How this installation proves itself; none for a public client.
    pub client_secret: Option<SecretString>,
    /// What stands on the button.
    pub name: String,
}

impl OidcProvider {
    /// None: something is wrong. None within: nobody else is asked.
    #[expect(clippy::option_option, reason = "wrong and absent are two things")]
    pub(super) fn read(reader: &mut Reader) -> Option<Option<Self>> {
        let issuer = reader.optional("oidc.issuer", |value| checked(&text(value)?));
        let client_id = reader.optional("oidc.client_id", text);
        let client_secret = reader.optional("oidc.client_secret_file", |value| secret_in(&text(value)?));
        let name = reader.required("oidc.name", text);
        match (issuer?, client_id?) {
            (None, _) => Some(None),
            (Some(issuer), Some(client_id)) => {
                Some(Some(Self { issuer, client_id, client_secret: client_secret?, name: name? }))
            }
            (Some(_), None) => {
                reader.problem("oidc.client_id", "is needed where there is a provider of sign-ins");
                None
            }
        }
    }
}

fn checked(text: &str) -> Result<IssuerUrl, String> {
    let issuer = IssuerUrl::new(text.trim().to_owned()).map_err(|_| "must be the URL of the issuer".to_owned())?;
    let url = issuer.url();
    let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    match url.scheme() {
        "https" | "http" if is_plain => Ok(issuer),
        _ => Err("must be an http or https URL without query, fragment and user".to_owned()),
    }
}

/// SECURITY: the secret stands in a file, so that it is in no list of processes and in no environment.
fn secret_in(path: &str) -> Result<SecretString, String> {
    let secret = fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"))?;
    let secret = secret.trim();
    if secret.is_empty() { Err(format!("{path} is empty")) } else { Ok(SecretString::from(secret)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_with_query_user_or_another_scheme_is_refused() {
        for (url, expected) in [
            ("https://id.example/realm", true),
            ("http://127.0.0.1:3000", true),
            ("https://id.example/?a=b", false),
            ("https://u@id.example/", false),
            ("ftp://id.example", false),
        ] {
            assert_eq!(checked(url).is_ok(), expected, "{url}");
        }
    }
}
