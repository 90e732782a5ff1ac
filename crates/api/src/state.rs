//! What handlers share.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use ostiary_auth::session::cookie::Transport;
use ostiary_auth::{Credentials, Devices, Halfway, Passkeys, Passwords, Sealer, SessionTokens};
use ostiary_edge::Guesses;
use ostiary_model::{AccountId, Clock, Plans, Slug};
use ostiary_storage::{Reads, StorageError, Store, Trail, Transaction};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::discovery::ReadInventory;
use crate::error::ApiError;
use crate::freshness::Freshness;
use crate::in_flight::CallsInFlight;
use crate::mail::SendMail;
use crate::provider::SignInProvider;
use crate::rate::Rates;

/// How the API behaves.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Where browsers and agents reach the installation.
    pub public_url: Url,
    /// How long a browser stays signed in.
    pub session_lifetime: Duration,
    /// How often a stream of decisions looks for new ones.
    pub stream_interval: Duration,
    /// How long an account can be restored after its deletion was asked for.
    pub deletion_grace: Duration,
    /// The plans of accounts.
    pub plans: Arc<Plans>,
    /// For how many days the installation keeps decisions; for ever without a number.
    pub retention_days: Option<u32>,
    /// Requests of one account in a minute.
    pub requests_per_account: u32,
    /// Requests of one client's address in a minute.
    pub requests_per_address: u32,
}

impl ApiSettings {
    /// The usual behaviour at an address.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            session_lifetime: Duration::from_secs(7 * 24 * 3600),
            stream_interval: Duration::from_millis(500),
            deletion_grace: Duration::from_secs(14 * 24 * 3600),
            plans: Arc::default(),
            retention_days: None,
            requests_per_account: 6_000,
            requests_per_address: 12_000,
        }
    }
}

/// What the API is made of.
#[derive(Debug)]
pub struct ApiParts {
    /// How it behaves.
    pub settings: ApiSettings,
    /// Where things are kept.
    pub store: Arc<dyn Store>,
    /// Who is told of changes.
    pub freshness: Arc<dyn Freshness>,
    /// Who is asked about calls in flight; nobody where no counters are in reach.
    pub in_flight: Option<Arc<dyn CallsInFlight>>,
    /// How inventories are read.
    pub inventory: Arc<dyn ReadInventory>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Signs session tokens.
    pub session_tokens: SessionTokens,
    /// Lets people halfway in.
    pub halfway: Halfway,
    /// Seals the secrets of apps that make codes.
    pub totp_sealer: Sealer,
    /// Tells browsers apart.
    pub devices: Devices,
    /// Sends mail; an installation may have none.
    pub mail: Option<Arc<dyn SendMail>>,
    /// Who else may say who people are.
    pub provider: Option<Arc<dyn SignInProvider>>,
    /// Seals what browsers take along to the provider.
    pub errands: Sealer,
    /// Seals credentials for upstreams.
    pub credentials: Credentials,
    /// Seals answers that are kept for whoever asks again.
    pub answers: Sealer,
    /// Ends streams when the process ends.
    pub shutdown: CancellationToken,
}

/// What handlers share; a cheap clone.
#[derive(Clone, Debug)]
pub struct ApiState(Arc<Shared>);

/// The parts, and what the API keeps for itself.
#[derive(Debug)]
pub struct Shared {
    parts: ApiParts,
    /// Where things are kept, to be read. Stands before the part of the same name: what writes begins with
    /// [`ApiState::begin`].
    pub(crate) store: Arc<dyn Reads>,
    /// Registers and checks passkeys; none where browsers have none.
    pub(crate) passkeys: Option<Passkeys>,
    /// How many requests each account and address has made lately.
    pub(crate) rates: Rates,
    /// Keys that never were any.
    pub(crate) guesses: Guesses,
    /// How much is in the catalogue.
    pub(crate) totals: crate::pages::Totals,
}

impl Deref for Shared {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.parts
    }
}

impl Deref for ApiState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl ApiState {
    /// A state made of these parts.
    #[must_use]
    pub fn new(parts: ApiParts) -> Self {
        let rates = Rates::new(parts.settings.requests_per_account, parts.settings.requests_per_address);
        let passkeys = Passkeys::at(&parts.settings.public_url);
        let store = Arc::clone(&parts.store) as Arc<dyn Reads>;
        Self(Arc::new(Shared {
            parts,
            store,
            passkeys,
            rates,
            guesses: Guesses::default(),
            totals: crate::pages::Totals::default(),
        }))
    }

    /// Begins a transaction of the request at hand. The only way to begin one that does what was asked for: a request
    /// with an `Idempotency-Key` notes in it that it writes.
    ///
    /// # Errors
    ///
    /// Those of the database; [`ApiError::IdempotencyKeyPending`] when the request took so long that a repetition of it
    /// goes on in its place.
    pub async fn begin(&self) -> Result<Box<dyn Transaction>, ApiError> {
        let mut transaction = self.begin_unasked().await?;
        crate::idempotency::mark(&mut *transaction).await?;
        Ok(transaction)
    }

    /// Begins a transaction that does nothing a request asked for: when somebody was last here, what an
    /// `Idempotency-Key` has come to, the work of the background. No route begins one.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub(crate) async fn begin_unasked(&self) -> Result<Box<dyn Transaction>, StorageError> {
        self.parts.store.begin().await
    }

    /// Commits a change of an account and makes sure that no call which starts afterwards is
    /// decided without it. The only way to end a change that the path of a call depends on. `trail` has its audit
    /// events, which are stored with it.
    ///
    /// A caller who leaves takes the request's future along; what was begun here goes on without
    /// it, so that no change is stored and never comes into force.
    ///
    /// # Errors
    ///
    /// As the commit; [`ApiError::Unavailable`] when the change is stored but may not be in force, or was not
    /// made because it would not come into force.
    pub async fn commit(
        &self,
        transaction: Box<dyn Transaction>,
        account_id: AccountId,
        trail: impl Into<Trail>,
    ) -> Result<(), ApiError> {
        let trail = trail.into();
        let freshness = Arc::clone(&self.freshness);
        let change = tokio::spawn(async move {
            freshness.prepare(account_id).await?;
            transaction.commit(trail).await?;
            freshness.advance(account_id).await?;
            Ok(())
        });
        change.await.unwrap_or_else(|error| Err(ApiError::Internal(error.into())))
    }

    /// Where agents reach all servers of an account, or one of them.
    #[must_use]
    pub fn gateway_url(&self, account: &Slug, server: Option<&Slug>) -> String {
        let base = self.settings.public_url.as_str().trim_end_matches('/');
        match server {
            Some(server) => format!("{base}/mcp/{account}/{server}"),
            None => format!("{base}/mcp/{account}"),
        }
    }

    /// Where people reach the installation, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.settings.public_url.as_str().trim_end_matches('/')
    }

    /// Whether the session cookie may go over plain HTTP.
    #[must_use]
    pub fn cookie_transport(&self) -> Transport {
        if self.settings.public_url.scheme() == "https" { Transport::Secure } else { Transport::Plain }
    }
}
