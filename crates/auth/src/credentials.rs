//! Credentials for upstreams: headers that the gateway adds to every request to one server.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use ostiary_model::{ServerId, UpstreamAuth};
use zeroize::Zeroizing;

use crate::seal::{SealError, Sealer};

/// Most bytes of one header value; upstreams commonly refuse more than 8 KiB of headers.
const MAX_VALUE_BYTES: usize = 4096;

/// A header that authenticates the gateway to an upstream.
pub struct UpstreamHeader {
    name: HeaderName,
    value: Zeroizing<String>,
}

/// Why a header cannot be used as a credential. Carries no part of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamHeaderError {
    /// The name is no header name.
    #[error("must be a header name: letters, digits and hyphens")]
    InvalidName,
    /// The name is one that the gateway or the connection sets.
    #[error("is set by the gateway itself")]
    ReservedName,
    /// The value cannot stand in a header.
    #[error("must be 1 to 4096 visible ASCII characters and blanks, without line breaks")]
    InvalidValue,
}

impl UpstreamHeader {
    /// Checks a header that a person gave.
    ///
    /// # Errors
    ///
    /// When the name is none, is one the gateway sets, or the value cannot stand in a header.
    pub fn parse(name: &str, value: &str) -> Result<Self, UpstreamHeaderError> {
        let name: HeaderName = name.trim().parse().map_err(|_| UpstreamHeaderError::InvalidName)?;
        if is_reserved(name.as_str()) {
            return Err(UpstreamHeaderError::ReservedName);
        }
        let value = value.trim();
        let is_visible = value.bytes().all(|b| (b' '..=b'~').contains(&b));
        if value.is_empty() || value.len() > MAX_VALUE_BYTES || !is_visible {
            return Err(UpstreamHeaderError::InvalidValue);
        }
        Ok(Self { name, value: Zeroizing::new(value.to_owned()) })
    }

    /// Its name, in lower case.
    #[must_use]
    pub const fn name(&self) -> &HeaderName {
        &self.name
    }
}

// SECURITY: the value is not printed.
impl fmt::Debug for UpstreamHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamHeader").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Names that must not come from a person: framing and routing of the request, headers of the
/// protocol, and what proxies append.
fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "accept",
        "accept-encoding",
        "connection",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "last-event-id",
        "origin",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "user-agent",
    ];
    const PREFIXES: [&str; 3] = ["content-", "mcp-", "x-forwarded-"];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Stored credentials that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// They were sealed with another key, for another server, or were changed.
    #[error("the stored credentials cannot be opened")]
    Sealed(#[from] SealError),
    /// What was sealed is not what this version seals.
    #[error("the stored credentials are not in a known form")]
    Form,
}

/// Seals credentials for the database, and opens them for a request.
#[derive(Clone, Debug)]
pub struct Credentials {
    sealer: Sealer,
}

impl Credentials {
    /// With the sealer of [`Purpose::UpstreamCredentials`](crate::Purpose::UpstreamCredentials).
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// Seals headers for one server; no headers are no credentials.
    #[must_use]
    pub fn seal(&self, server: ServerId, headers: &[UpstreamHeader]) -> UpstreamAuth {
        if headers.is_empty() {
            return UpstreamAuth::None;
        }
        let names = headers.iter().map(|header| header.name.as_str().to_owned()).collect();
        // One value a line: values have no line breaks.
        let values: Vec<&str> = headers.iter().map(|header| header.value.as_str()).collect();
        let plaintext = Zeroizing::new(values.join("\n"));
        UpstreamAuth::Headers { names, sealed: self.sealer.seal(plaintext.as_bytes(), server.as_uuid().as_bytes()) }
    }

    /// The headers to add to a request to the server, marked as sensitive.
    ///
    /// # Errors
    ///
    /// When they were not sealed here for this server, or are not in a known form.
    pub fn open(&self, server: ServerId, auth: &UpstreamAuth) -> Result<HeaderMap, CredentialsError> {
        let UpstreamAuth::Headers { names, sealed } = auth else {
            return Ok(HeaderMap::new());
        };
        let plaintext = self.sealer.open(sealed, server.as_uuid().as_bytes())?;
        let values: Vec<&[u8]> = plaintext.split(|&b| b == b'\n').collect();
        if values.len() != names.len() {
            return Err(CredentialsError::Form);
        }
        let mut headers = HeaderMap::with_capacity(names.len());
        for (name, value) in names.iter().zip(values) {
            let name: HeaderName = name.parse().map_err(|_| CredentialsError::Form)?;
            let mut value = HeaderValue::from_bytes(value).map_err(|_| CredentialsError::Form)?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{Keyring, Purpose, SecretKey};

    fn credentials() -> Credentials {
        Credentials::new(Keyring::new(&SecretKey::generate()).sealer(Purpose::UpstreamCredentials))
    }

    #[test]
    fn credentials_sealed_and_opened_are_the_same_and_sensitive() {
        let (credentials, server) = (credentials(), ServerId::generate());
        let headers = [
            UpstreamHeader::parse("Authorization", " Bearer s3cret ").expect("fine"),
            UpstreamHeader::parse("X-Api-Key", "k").expect("fine"),
        ];
        let auth = credentials.seal(server, &headers);
        assert!(!format!("{auth:?} {headers:?}").contains("s3cret"));
        let opened = credentials.open(server, &auth).expect("same server");
        assert_eq!(opened["authorization"], "Bearer s3cret");
        assert_eq!(opened["x-api-key"], "k");
        assert!(opened.values().all(HeaderValue::is_sensitive));
    }

    #[test]
    fn credentials_of_another_server_do_not_open() {
        let credentials = credentials();
        let auth = credentials.seal(ServerId::generate(), &[UpstreamHeader::parse("x-key", "v").expect("fine")]);
        assert_eq!(credentials.open(ServerId::generate(), &auth), Err(CredentialsError::Sealed(SealError)));
    }

    #[test]
    fn credentials_of_no_headers_are_none() {
        let server = ServerId::generate();
        assert_eq!(credentials().seal(server, &[]), UpstreamAuth::None);
        assert_eq!(credentials().open(server, &UpstreamAuth::None), Ok(HeaderMap::new()));
    }

    #[rstest]
    #[case("", "v", UpstreamHeaderError::InvalidName)]
    #[case("a b", "v", UpstreamHeaderError::InvalidName)]
    #[case("Host", "v", UpstreamHeaderError::ReservedName)]
    #[case("Content-Length", "1", UpstreamHeaderError::ReservedName)]
    #[case("Mcp-Session-Id", "1", UpstreamHeaderError::ReservedName)]
    #[case("Transfer-Encoding", "chunked", UpstreamHeaderError::ReservedName)]
    #[case("X-Key", "", UpstreamHeaderError::InvalidValue)]
    #[case("X-Key", "a\r\nb: c", UpstreamHeaderError::InvalidValue)]
    #[case("X-Key", "ä", UpstreamHeaderError::InvalidValue)]
    fn header_that_cannot_be_a_credential_is_refused(
        #[case] name: &str,
        #[case] value: &str,
        #[case] error: UpstreamHeaderError,
    ) {
        assert_eq!(UpstreamHeader::parse(name, value).err(), Some(error));
    }
}
