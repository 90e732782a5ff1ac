//! Providers of sign-ins: others who know people, such as a company's own directory, by OpenID Connect.

use async_trait::async_trait;
use ostiary_auth::Errand;
use url::Url;

/// A provider of sign-ins.
#[async_trait]
pub trait SignInProvider: std::fmt::Debug + Send + Sync {
    /// What stands on the button.
    fn name(&self) -> &str;

    /// Where a browser signs in, to come back to `redirect` with a code.
    async fn address(&self, errand: &Errand, redirect: &Url) -> Result<Url, ProviderError>;

    /// Who signed in, by the code that the browser brings back. The answer was made for us, for this errand, by the
    /// provider, and lately.
    async fn redeem(&self, code: &str, errand: &Errand, redirect: &Url) -> Result<ProviderPerson, ProviderError>;

    /// Whether an answer may be of this provider (RFC 9207).
    fn is_issuer(&self, issuer: &str) -> bool;
}

/// Somebody as a provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPerson {
    /// The provider, by its URL.
    pub issuer: String,
    /// What it calls them; never given to anybody else.
    pub subject: String,
    /// Their address.
    pub email: Option<String>,
    /// Whether the provider says that mail to the address reaches them.
    pub is_email_verified: bool,
}

/// Why somebody could not sign in elsewhere. Carries no code, token or secret.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider cannot be reached, or does not work.
    #[error("the provider of sign-ins does not answer as it should: {0}")]
    Unavailable(String),
    /// What the provider answered proves nothing.
    #[error("the provider's answer is not valid: {0}")]
    Refused(String),
}
