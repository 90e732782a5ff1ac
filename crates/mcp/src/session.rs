//! What a session id holds before it is sealed.
//!
//! Sessions are not stored: the id that a client carries holds everything. Sealing and opening it is the work of the
//! crate that has the keys; what comes out of a seal is trusted to be whole, and still read with care, since another
//! version of this program may have written it.

use crate::capability::Implementation;
use crate::version::Revision;

/// The layout below. A payload of another layout is an unknown session: its client initializes again.
const LAYOUT: u8 = 2;

/// The longest payload, in bytes. Sealed and as text it still fits into one header of common servers and clients.
pub const MAX_PAYLOAD_BYTES: usize = 4096;

/// Why a payload cannot be written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The client's capabilities or the upstream's session ids are too long for a header.
    #[error("the session holds more than {MAX_PAYLOAD_BYTES} bytes")]
    TooLong,
    /// The bytes are no payload of this layout.
    #[error("not a session of this version")]
    Unreadable,
}

/// A session, as carried by the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPayload {
    /// When it began, in milliseconds since the Unix epoch.
    pub issued_at_ms: i64,
    /// The grant that it belongs to.
    pub grant: String,
    /// The endpoint that it was opened at.
    pub endpoint: String,
    /// The revision that the client was told.
    pub revision: Revision,
    /// Sessions behind it. An upstream that has none, or none yet, has no id.
    pub upstreams: Vec<UpstreamSession>,
    /// The client's capabilities, raw, to open upstream sessions later.
    pub capabilities: String,
    /// What the client says of itself.
    pub client: Implementation,
}

/// A session at an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamSession {
    /// The server.
    pub server: String,
    /// The revision that it speaks; a modern one has no sessions.
    pub revision: Revision,
    /// Its id for the session.
    pub id: Option<String>,
}

impl SessionPayload {
    /// The bytes to be sealed.
    ///
    /// # Errors
    /// [`SessionError::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, SessionError> {
        let mut out = vec![LAYOUT];
        out.extend_from_slice(&self.issued_at_ms.to_be_bytes());
        put(&mut out, Some(&self.grant))?;
        put(&mut out, Some(&self.endpoint))?;
        put(&mut out, Some(self.revision.as_str()))?;
        put(&mut out, Some(&self.capabilities))?;
        put(&mut out, self.client.name.as_deref())?;
        put(&mut out, self.client.version.as_deref())?;
        for upstream in &self.upstreams {
            put(&mut out, Some(&upstream.server))?;
            put(&mut out, Some(upstream.revision.as_str()))?;
            put(&mut out, upstream.id.as_deref())?;
        }
        if out.len() > MAX_PAYLOAD_BYTES { Err(SessionError::TooLong) } else { Ok(out) }
    }

    /// Reads what was sealed.
    ///
    /// # Errors
    /// [`SessionError::Unreadable`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SessionError> {
        Self::read(bytes).ok_or(SessionError::Unreadable)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (layout, bytes) = bytes.split_first()?;
        let (issued_at_ms, mut rest) = bytes.split_first_chunk()?;
        if *layout != LAYOUT {
            return None;
        }
        let rest = &mut rest;
        let mut payload = Self {
            issued_at_ms: i64::from_be_bytes(*issued_at_ms),
            grant: take(rest)??,
            endpoint: take(rest)??,
            revision: Revision::parse(&take(rest)??)?,
            capabilities: take(rest)??,
            client: Implementation { name: take(rest)?, version: take(rest)? },
            upstreams: Vec::new(),
        };
        while !rest.is_empty() {
            let (server, revision) = (take(rest)??, Revision::parse(&take(rest)??)?);
            payload.upstreams.push(UpstreamSession { server, revision, id: take(rest)? });
        }
        Some(payload)
    }
}

/// Appends a text behind its length; a length of 0 is no text, 1 the empty one.
fn put(out: &mut Vec<u8>, text: Option<&str>) -> Result<(), SessionError> {
    let length = text.map_or(0, |text| text.len() + 1);
    out.extend_from_slice(&u16::try_from(length).map_err(|_| SessionError::TooLong)?.to_be_bytes());
    out.extend_from_slice(text.unwrap_or_default().as_bytes());
    Ok(())
}

fn take(rest: &mut &[u8]) -> Option<Option<String>> {
    let (length, bytes) = rest.split_first_chunk()?;
    let Some(length) = usize::from(u16::from_be_bytes(*length)).checked_sub(1) else {
        *rest = bytes;
        return Some(None);
    };
    let (text, bytes) = bytes.split_at_checked(length)?;
    *rest = bytes;
    Some(Some(std::str::from_utf8(text).ok()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payload() -> SessionPayload {
        SessionPayload {
            issued_at_ms: 1_790_000_000_123,
            grant: "grt_1".to_owned(),
            endpoint: "acme/pay".to_owned(),
            revision: Revision::V2025_06_18,
            upstreams: vec![
                UpstreamSession {
                    server: "srv_1".to_owned(),
                    revision: Revision::V2025_03_26,
                    id: Some("s-1".to_owned()),
                },
                UpstreamSession { server: "srv_2".to_owned(), revision: Revision::V2026_07_28, id: None },
            ],
            capabilities: r#"{"roots":{}}"#.to_owned(),
            client: Implementation { name: Some(String::new()), version: None },
        }
    }

    #[test]
    fn decode_of_an_encoded_payload_gives_it_back() {
        assert_eq!(SessionPayload::decode(&payload().encode().unwrap()), Ok(payload()));
    }

    #[test]
    fn decode_of_any_part_or_other_layout_is_unreadable() {
        let bytes = payload().encode().unwrap();
        let whole = payload();
        for end in 0..bytes.len() {
            // Cut between two upstreams it is a session with fewer of them; anywhere else it is none.
            match SessionPayload::decode(&bytes[..end]) {
                Ok(part) => assert!(whole.upstreams.starts_with(&part.upstreams) && part.grant == whole.grant),
                Err(error) => assert_eq!(error, SessionError::Unreadable),
            }
        }
        let mut other = bytes;
        other[0] = 9;
        assert_eq!(SessionPayload::decode(&other), Err(SessionError::Unreadable));
    }

    #[test]
    fn encode_of_large_capabilities_is_refused() {
        for length in [MAX_PAYLOAD_BYTES, 70_000] {
            let large = SessionPayload { capabilities: "x".repeat(length), ..payload() };
            assert_eq!(large.encode(), Err(SessionError::TooLong));
        }
    }

    proptest! {
        #[test]
        fn decode_of_any_bytes_returns(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = SessionPayload::decode(&bytes);
        }
    }
}
