//! A provider of sign-ins by OpenID Connect: the authorization-code flow with PKCE and nonce.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use ostiary_api::{ProviderError, ProviderPerson, SignInProvider};
use ostiary_auth::Errand;
use ostiary_egress::{ControlClient, EgressError};
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;
use url::Url;

use crate::config::OidcProvider;

/// How long what a provider says of itself, its keys included, is taken as it was read.
const FRESH: Duration = Duration::from_secs(600);

/// Signatures that only the provider can make. Those that are made with the client's own secret are none of them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The provider of the settings. It is asked through the egress guard, like everything that a setting or a person names.
pub(crate) struct Oidc {
    settings: OidcProvider,
    http: Guarded,
    known: Mutex<Option<Known>>,
}

/// What the provider said of itself.
#[derive(Clone)]
struct Known {
    metadata: Arc<CoreProviderMetadata>,
    read_at: Instant,
}

impl Oidc {
    /// A provider, which is asked when somebody signs in by it.
    pub(crate) fn new(settings: OidcProvider, control: ControlClient) -> Self {
        Self { settings, http: Guarded(control), known: Mutex::new(None) }
    }

    /// What the provider says of itself; one asks at a time, and the others wait for the answer.
    async fn metadata(&self, oldest: Duration) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.read_at.elapsed() < oldest) {
            return Ok(Arc::clone(&known.metadata));
        }
        let metadata = CoreProviderMetadata::discover_async(self.settings.issuer.clone(), &self.http).await;
        let metadata = Arc::new(metadata.map_err(|error| ProviderError::Unavailable(error.to_string()))?);
        *known = Some(Known { metadata: Arc::clone(&metadata), read_at: Instant::now() });
        Ok(metadata)
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    fn secret(&self) -> Option<ClientSecret> {
        let secret = self.settings.client_secret.as_ref()?;
        Some(ClientSecret::new(secret.expose_secret().to_owned()))
    }
}

/// The egress guard's client, as the library takes one.
struct Guarded(ControlClient);

impl<'c> AsyncHttpClient<'c> for Guarded {
    type Error = EgressError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, EgressError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.0.send(request).await?;
            let mut response = HttpResponse::new(answer.body.to_vec());
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(response)
        })
    }
}

#[async_trait]
impl SignInProvider for Oidc {
    fn name(&self) -> &str {
        &self.settings.name
    }

    async fn address(&self, errand: &Errand, redirect: &Url) -> Result<Url, ProviderError> {
        let metadata = self.metadata(FRESH).await?;
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.client_id(), None)
            .set_redirect_uri(RedirectUrl::from_url(redirect.clone()));
        let (state, nonce) = (errand.state().to_owned(), errand.nonce.clone());
        let verifier = PkceCodeVerifier::new(errand.verifier.clone());
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || Nonce::new(nonce))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    async fn redeem(&self, code: &str, errand: &Errand, redirect: &Url) -> Result<ProviderPerson, ProviderError> {
        let metadata = self.metadata(FRESH).await?;
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.client_id(), self.secret())
            .set_redirect_uri(RedirectUrl::from_url(redirect.clone()));
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| ProviderError::Unavailable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(errand.verifier.clone()))
            .request_async(&self.http)
            .await
            // Its text may repeat what the provider was sent.
            .map_err(|_| ProviderError::Refused("the code was not redeemed".to_owned()))?;
        let token = answer.id_token().ok_or_else(|| ProviderError::Refused("there is no ID token".to_owned()))?;
        let nonce = Nonce::new(errand.nonce.clone());
        let mut claims = token.claims(&client.id_token_verifier().set_allowed_algs(ALGORITHMS), &nonce).cloned();
        if claims.is_err() {
            // Keys change: they are read again, once.
            let metadata = self.metadata(Duration::ZERO).await?;
            let client = CoreClient::from_provider_metadata((*metadata).clone(), self.client_id(), self.secret());
            claims = token.claims(&client.id_token_verifier().set_allowed_algs(ALGORITHMS), &nonce).cloned();
        }
        let claims = claims.map_err(|error| ProviderError::Refused(error.to_string()))?;
        let mut person = ProviderPerson {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
            email: claims.email().map(|email| email.as_str().to_owned()),
            is_email_verified: claims.email_verified().unwrap_or(false),
        };
        if person.email.is_none() {
            // Where the flow has a token for it, providers tell addresses at a place of their own. What is told there
            // must be of the same person.
            let asked = client.user_info(answer.access_token().clone(), Some(claims.subject().clone()));
            let asked = asked.map_err(|error| ProviderError::Unavailable(error.to_string()))?;
            let told: CoreUserInfoClaims = asked
                .request_async(&self.http)
                .await
                .map_err(|_| ProviderError::Refused("it does not tell who has signed in".to_owned()))?;
            person.email = told.email().map(|email| email.as_str().to_owned());
            person.is_email_verified = told.email_verified().unwrap_or(false);
        }
        Ok(person)
    }

    fn is_issuer(&self, issuer: &str) -> bool {
        self.settings.issuer.as_str() == issuer
    }
}

// SECURITY: the secret is not printed.
impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc").field("issuer", &self.settings.issuer.as_str()).finish_non_exhaustive()
    }
}
