//! `Idempotency-Key`: a write that creates may be repeated, and is done once.
//!
//! Whoever did not hear the answer sends the same request with the same key again and gets the answer that was made the
//! first time. A key belongs to its caller and account, stands for one operation with one body, and is forgotten after a
//! day. While the first request is under way a repetition is refused, and when it ended without an answer it is asked
//! whether it wrote anything: each transaction that it begins notes so in the row of the key
//! ([`ApiState::begin`](crate::state::ApiState::begin)). Nothing written: the key is as good as new. Something written: a
//! repetition is told so. Nothing is ever done twice: whoever is taken for gone, and was only slow, finds the key taken
//! over when it begins to write, and writes nothing.

mod answer;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use chrono::TimeDelta;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};
use ostiary_storage::{Claim, ClaimTimes, ClaimedKey, IdempotencyKey, StorageError, Transaction, Unrecorded};
use sha2::{Digest as _, Sha256};

use self::answer::Answer;
use crate::error::ApiError;
use crate::extract::Current;
use crate::extract::json::read_body;
use crate::state::ApiState;

/// The header with the key.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// On an answer that was made before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How long a key stands for its request.
const LIFETIME: TimeDelta = TimeDelta::days(1);

/// After how long a request that has neither written nor ended is taken for gone, with its process.
const LEASE: TimeDelta = TimeDelta::minutes(1);

tokio::task_local! {
    /// The key that the request at hand holds.
    static CLAIMED: ClaimedKey;
}

/// Notes in a transaction that the request at hand, if it has a key, writes: with what it writes, or not at all.
///
/// # Errors
///
/// [`ApiError::IdempotencyKeyPending`] when another request has taken the key over.
pub(crate) async fn mark(transaction: &mut dyn Transaction) -> Result<(), ApiError> {
    let Ok(claimed) = CLAIMED.try_with(Clone::clone) else { return Ok(()) };
    transaction.mark_idempotency_key(&claimed).await.map_err(|error| match error {
        StorageError::Stale => ApiError::IdempotencyKeyPending,
        error => error.into(),
    })
}

const MAX_KEY_BYTES: usize = 255;

/// Middleware: does a `POST` with a key once. Signing in and up and the like have no caller yet, whom a key could belong
/// to, and answer with cookies: they go on as if there were none.
pub(crate) async fn once(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let is_for_us = request.method() == Method::POST && !request.uri().path().starts_with("/auth/");
    if !is_for_us || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    attempt(state, request, next).await.unwrap_or_else(ApiError::into_response)
}

async fn attempt(state: ApiState, request: Request, next: Next) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let current = Current::from_request_parts(&mut parts, &state).await?;
    let chosen = chosen_key(&parts)?;
    let body = read_body(Request::new(body)).await?;
    let key = IdempotencyKey {
        account_id: current.account_id(),
        caller: current.actor.id(),
        key_hash: Sha256::digest(&chosen).into(),
        request_hash: request_hash(&parts, &body),
    };
    let now = state.clock.now();
    let times = ClaimTimes { now, gone_since: now - LEASE, expires_at: now + LIFETIME };
    let mut transaction = state.begin_unasked().await?;
    let claim = transaction.claim_idempotency_key(&key, times).await?;
    transaction.commit(Unrecorded::Housekeeping.into()).await?;
    let claimed = match claim {
        Claim::Fresh(number) => ClaimedKey { key, number },
        Claim::OtherRequest => return Err(ApiError::IdempotencyKeyReused),
        Claim::Pending => return Err(ApiError::IdempotencyKeyPending),
        Claim::Written => return Err(ApiError::IdempotencyKeyUnanswered),
        Claim::Answered(sealed) => {
            let mut response = Answer::open(&state.answers, &key, &sealed)?.into_response();
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            return Ok(response);
        }
    };
    // A caller who leaves takes the request's future along; that is just who comes again, and asks what became of it.
    let request = Request::from_parts(parts, Body::from(body));
    let done = tokio::spawn(async move {
        let response = CLAIMED.scope(claimed.clone(), next.run(request)).await;
        settle(&state, &claimed, response).await
    });
    done.await.unwrap_or_else(|error| Err(ApiError::Internal(error.into())))
}

/// Keeps the answer to a write that was done; ends the claim of one that was not, as far as the caller knows.
async fn settle(state: &ApiState, claimed: &ClaimedKey, response: Response) -> Result<Response, ApiError> {
    if !response.status().is_success() {
        if let Err(error) = note(state, claimed, None).await {
            // Whoever comes again has to wait until this request is taken for gone.
            tracing::warn!(%error, "an idempotency key could not be released");
        }
        return Ok(response);
    }
    let answer = Answer::read(response).await.map_err(|error| ApiError::Internal(error.into()))?;
    let sealed = answer.seal(&state.answers, &claimed.key)?;
    if let Err(error) = note(state, claimed, Some(&sealed)).await {
        // The write was done and the caller is there to hear of it.
        tracing::error!(%error, "the answer to an idempotent request could not be kept");
    }
    Ok(answer.into_response())
}

async fn note(state: &ApiState, claimed: &ClaimedKey, answer: Option<&[u8]>) -> Result<(), StorageError> {
    let mut transaction = state.begin_unasked().await?;
    match answer {
        Some(answer) => transaction.answer_idempotency_key(claimed, answer).await?,
        None => transaction.release_idempotency_key(claimed).await?,
    }
    transaction.commit(Unrecorded::Housekeeping.into()).await
}

fn chosen_key(parts: &Parts) -> Result<Bytes, ApiError> {
    let mut values = parts.headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(invalid_key());
    };
    let is_visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    if value.is_empty() || value.len() > MAX_KEY_BYTES || !is_visible {
        return Err(invalid_key());
    }
    Ok(Bytes::copy_from_slice(value.as_bytes()))
}

fn invalid_key() -> ApiError {
    ApiError::invalid("Idempotency-Key", "invalid", "must be one value of 1 to 255 visible ASCII characters")
}

/// What the key stands for: the operation with its parameters, and the body to the byte.
fn request_hash(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let if_match = parts.headers.get(http::header::IF_MATCH).map(HeaderValue::as_bytes).unwrap_or_default();
    let mut hasher = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), target.as_bytes(), if_match, body] {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}
