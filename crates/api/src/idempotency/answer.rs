//! An answer as it is kept: sealed, because it may show a secret that is shown once.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use ostiary_auth::Sealer;
use ostiary_storage::IdempotencyKey;
use zeroize::Zeroizing;

use crate::error::ApiError;

/// Headers that are part of what was answered.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];

/// Answers to writes are objects; this is far above the largest.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A status, three headers and a body.
pub(super) struct Answer {
    status: StatusCode,
    headers: [Option<HeaderValue>; 3],
    body: Bytes,
}

/// Why an answer cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    #[error("the answer broke off or is too large")]
    Body,
    #[error("the stored answer cannot be read")]
    Stored,
}

impl Answer {
    /// Reads an answer whole.
    pub(super) async fn read(response: Response) -> Result<Self, AnswerError> {
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_BYTES).collect().await.map_err(|_| AnswerError::Body)?.to_bytes();
        Ok(Self { status: parts.status, headers: KEPT.map(|name| parts.headers.get(name).cloned()), body })
    }

    /// Status, each header with its length (255 in both bytes: none), the body.
    pub(super) fn seal(&self, sealer: &Sealer, key: &IdempotencyKey) -> Result<Vec<u8>, ApiError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(self.body.len() + 64));
        plain.extend_from_slice(&self.status.as_u16().to_be_bytes());
        for value in &self.headers {
            let value = value.as_ref().map(HeaderValue::as_bytes);
            let length = value.map_or(Ok(u16::MAX), |value| u16::try_from(value.len()));
            plain.extend_from_slice(&length.map_err(|error| ApiError::Internal(error.into()))?.to_be_bytes());
            plain.extend_from_slice(value.unwrap_or_default());
        }
        plain.extend_from_slice(&self.body);
        Ok(sealer.seal(&plain, &key.place()))
    }

    /// The answer that was kept for a key.
    pub(super) fn open(sealer: &Sealer, key: &IdempotencyKey, sealed: &[u8]) -> Result<Self, ApiError> {
        let plain = sealer.open(sealed, &key.place()).map_err(|error| ApiError::Internal(error.into()))?;
        Self::parse(&plain).ok_or_else(|| ApiError::Internal(AnswerError::Stored.into()))
    }

    fn parse(plain: &[u8]) -> Option<Self> {
        let (status, mut rest) = plain.split_first_chunk::<2>()?;
        let mut headers = [None, None, None];
        for header in &mut headers {
            let (length, behind) = rest.split_first_chunk::<2>()?;
            rest = behind;
            let length = u16::from_be_bytes(*length);
            if length != u16::MAX {
                let (value, behind) = rest.split_at_checked(length.into())?;
                *header = Some(HeaderValue::from_bytes(value).ok()?);
                rest = behind;
            }
        }
        let status = StatusCode::from_u16(u16::from_be_bytes(*status)).ok()?;
        Some(Self { status, headers, body: Bytes::copy_from_slice(rest) })
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in KEPT.into_iter().zip(self.headers) {
            if let Some(value) = value {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use ostiary_auth::{Keyring, Purpose, SecretKey};
    use ostiary_model::AccountId;

    use super::*;

    fn key() -> IdempotencyKey {
        let account_id = AccountId::generate();
        IdempotencyKey { account_id, caller: "usr_x".to_owned(), key_hash: [1; 32], request_hash: [2; 32] }
    }

    #[tokio::test]
    async fn answer_kept_is_the_same_for_its_key_and_opens_for_no_other() {
        let sealer = Keyring::new(&SecretKey::generate()).sealer(Purpose::StoredAnswers);
        let mut response = Response::new(Body::from("{\"token\":\"ost_x\"}"));
        *response.status_mut() = StatusCode::CREATED;
        response.headers_mut().insert(ETAG, HeaderValue::from_static("\"1\""));
        let key = key();
        let sealed = Answer::read(response).await.expect("read").seal(&sealer, &key).expect("sealed");
        assert!(!sealed.windows(5).any(|window| window == b"token"));
        let opened = Answer::open(&sealer, &key, &sealed).expect("opened").into_response();
        assert_eq!(opened.status(), StatusCode::CREATED);
        assert_eq!(opened.headers()[ETAG], "\"1\"");
        assert!(!opened.headers().contains_key(LOCATION));
        let body = opened.into_body().collect().await.expect("a body").to_bytes();
        assert_eq!(body, "{\"token\":\"ost_x\"}");
        let other = IdempotencyKey { caller: "usr_y".to_owned(), ..key };
        assert!(Answer::open(&sealer, &other, &sealed).is_err());
    }
}
