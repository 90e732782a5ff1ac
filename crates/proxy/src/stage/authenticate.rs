//! Stage 1: who is calling, and at which endpoint.

use std::sync::Arc;

use http::HeaderValue;
use http::request::Parts;
use ostiary_auth::{TokenHash, TokenKind, bearer};
use ostiary_edge::server::Peer;
use ostiary_model::{AccountId, Server};
use url::Url;

use crate::endpoint::Endpoint;
use crate::grants::LiveGrant;
use crate::refusal::Refusal;
use crate::route::Route;
use crate::state::State;

/// A grant that is alive, at its account's endpoint. Only this module makes one.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) grant: Arc<LiveGrant>,
    hash: TokenHash,
}

/// Where a request came in.
#[derive(Debug)]
pub(crate) enum Entry {
    /// At one server's endpoint.
    Server(Caller),
    /// At the account's.
    Account(Visitor),
}

impl Entry {
    pub(crate) fn account_id(&self) -> AccountId {
        match self {
            Self::Server(caller) => caller.account_id(),
            Self::Account(visitor) => visitor.account_id(),
        }
    }
}

impl Visitor {
    pub(crate) fn account_id(&self) -> AccountId {
        self.grant.grant.account_id
    }

    /// The same grant at each server that it is bound to.
    pub(crate) fn callers(&self) -> impl Iterator<Item = Caller> + '_ {
        self.grant.endpoints.iter().map(|endpoint| self.at_endpoint(endpoint))
    }

    /// The same grant at one server, if it is bound to it.
    pub(crate) fn at(&self, server: &str) -> Option<Caller> {
        let mut endpoints = self.grant.endpoints.iter();
        endpoints.find(|endpoint| endpoint.server.slug.as_str() == server).map(|endpoint| self.at_endpoint(endpoint))
    }

    fn at_endpoint(&self, endpoint: &Arc<Endpoint>) -> Caller {
        Caller { grant: Arc::clone(&self.grant), endpoint: Arc::clone(endpoint), hash: self.hash }
    }

    /// The same visitor after the account changed.
    pub(crate) async fn again(&self, state: &State) -> Result<Self, Refusal> {
        Ok(Self { grant: live(state, self.hash).await?, hash: self.hash })
    }

    /// The same visitor as of now; see [`Caller::confirmed`].
    pub(crate) async fn confirmed(self, state: &State) -> Result<Self, Refusal> {
        if is_fresh(state, &self.grant).await? { Ok(self) } else { self.again(state).await }
    }

    /// See [`Caller::is_current`].
    pub(crate) fn is_current(&self, state: &State) -> bool {
        is_current(state, &self.grant)
    }
}

/// A grant that is alive, at an endpoint that it is bound to. Only this module makes one.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) grant: Arc<LiveGrant>,
    pub(crate) endpoint: Arc<Endpoint>,
    hash: TokenHash,
}

impl Caller {
    pub(crate) fn account_id(&self) -> AccountId {
        self.grant.grant.account_id
    }

    pub(crate) fn server(&self) -> &Server {
        &self.endpoint.server
    }

    /// The same caller after the account changed, if it may still call here.
    pub(crate) async fn again(&self, state: &State) -> Result<Self, Refusal> {
        let grant = live(state, self.hash).await?;
        let endpoint = grant.endpoints.iter().find(|endpoint| endpoint.server.id == self.server().id);
        let endpoint = Arc::clone(endpoint.ok_or_else(Refusal::not_found)?);
        Ok(Self { grant, endpoint, hash: self.hash })
    }

    /// The same caller as of now, for what is answered without being admitted. Whether something newer is in force is
    /// asked where all replicas ask it.
    pub(crate) async fn confirmed(self, state: &State) -> Result<Self, Refusal> {
        if is_fresh(state, &self.grant).await? { Ok(self) } else { self.again(state).await }
    }

    /// Whether nothing of the account that this process has heard of changed since the caller was authenticated, and the
    /// grant has not expired.
    pub(crate) fn is_current(&self, state: &State) -> bool {
        is_current(state, &self.grant)
    }
}

async fn is_fresh(state: &State, grant: &LiveGrant) -> Result<bool, Refusal> {
    let is_fresh = state.admission.is_fresh(grant.grant.account_id, grant.epoch).await.map_err(|error| {
        tracing::error!(%error, "what is answered without a record cannot be answered");
        Refusal::unavailable()
    })?;
    Ok(is_fresh && is_current(state, grant))
}

fn is_current(state: &State, grant: &LiveGrant) -> bool {
    state.epochs.current(grant.grant.account_id) == grant.epoch && grant.is_alive(state.clock.now())
}

/// Authenticates a request.
///
/// # Errors
///
/// 401 without a token that works, before anything is said about the path, or 429 after too many that never did; then
/// the same 404 for an account or server that does not exist and one that is not for this grant; 503 when the database
/// has to be asked and does not answer.
pub(crate) async fn authenticate(state: &State, host: Option<&str>, head: &Parts) -> Result<Entry, Refusal> {
    let path = head.uri.path();
    let metadata = state.config.metadata_base.as_ref().map(|base| (base, path));
    let Some(token) = bearer(&head.headers) else {
        return Err(Refusal::unauthenticated(challenge(metadata, false)));
    };
    let Ok(hash) = TokenHash::of(TokenKind::Grant, token) else {
        return Err(guessed(state, host, head, metadata));
    };
    let Some(grant) = find(state, hash).await? else {
        return Err(guessed(state, host, head, metadata));
    };
    // One that is revoked or has expired is no guess: whoever has it may learn so as often as they ask.
    let grant = alive(state, grant, metadata)?;
    let now = state.clock.now();
    if grant.is_first_use_of_minute(now) {
        state.uses.note(grant.grant.account_id, grant.grant.id, now);
    }
    let account_id = grant.grant.account_id;
    let route = route(state, host, path).filter(|route| route.account == grant.account_slug.as_str());
    let visitor = Visitor { grant, hash };
    let entry = match route.map(|route| route.server) {
        Some(Some(server)) => visitor.at(server).map(Entry::Server),
        Some(None) => Some(Entry::Account(visitor)),
        None => None,
    };
    entry.ok_or_else(|| Refusal::not_found().of(account_id))
}

fn route<'a>(state: &State, host: Option<&str>, path: &'a str) -> Option<Route<'a>> {
    match host.and_then(|host| state.account_hosts.account(host)) {
        Some(account) => Route::on_host(account, path),
        None => Route::of(path),
    }
}

/// Counts a token that never opened anything, by where it comes from and by the account that it was tried at. What the
/// path calls an account is one here, so that nobody learns whether it is there.
fn guessed(state: &State, host: Option<&str>, head: &Parts, metadata: Option<(&Url, &str)>) -> Refusal {
    let peer = head.extensions.get::<Peer>().map(|Peer(peer)| peer.ip());
    let address = peer.map(|peer| state.proxies.client(peer, &head.headers));
    let route = route(state, host, head.uri.path());
    let account = route.as_ref().map(|route| &*route.account);
    match state.guesses.count(address, account, state.clock.now().timestamp_millis()) {
        Some(retry_after_ms) => Refusal::too_many_wrong_tokens(retry_after_ms),
        None => Refusal::unauthenticated(challenge(metadata, true)),
    }
}

async fn find(state: &State, hash: TokenHash) -> Result<Option<Arc<LiveGrant>>, Refusal> {
    state.grants.find(hash).await.map_err(|error| {
        tracing::error!(%error, "grants cannot be read");
        Refusal::unavailable()
    })
}

fn alive(state: &State, grant: Arc<LiveGrant>, metadata: Option<(&Url, &str)>) -> Result<Arc<LiveGrant>, Refusal> {
    if grant.is_alive(state.clock.now()) {
        return Ok(grant);
    }
    Err(Refusal::unauthenticated(challenge(metadata, true)))
}

/// The grant of a token that opened something a moment ago.
async fn live(state: &State, hash: TokenHash) -> Result<Arc<LiveGrant>, Refusal> {
    match find(state, hash).await? {
        Some(grant) => alive(state, grant, None),
        None => Err(Refusal::unauthenticated(challenge(None, true))),
    }
}

/// What a 401 asks for (RFC 6750 section 3, RFC 9728 section 5.1).
fn challenge(metadata: Option<(&Url, &str)>, was_sent: bool) -> HeaderValue {
    let mut text = String::from("Bearer realm=\"ostiary\"");
    if was_sent {
        text.push_str(", error=\"invalid_token\"");
    }
    if let Some((base, path)) = metadata {
        let base = base.as_str().trim_end_matches('/');
        let path = path.trim_end_matches('/');
        text.push_str(&format!(", resource_metadata=\"{base}/.well-known/oauth-protected-resource{path}\""));
    }
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Bearer realm=\"ostiary\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenge_names_the_metadata_only_where_it_is_served() {
        assert_eq!(challenge(None, false), "Bearer realm=\"ostiary\"");
        let base = "https://gate.example/".parse().expect("url");
        assert_eq!(
            challenge(Some((&base, "/mcp/acme/pay/")), true),
            "Bearer realm=\"ostiary\", error=\"invalid_token\", \
             resource_metadata=\"https://gate.example/.well-known/oauth-protected-resource/mcp/acme/pay\""
        );
    }
}
