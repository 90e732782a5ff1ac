//! The client of everything that is not a call: discovery, metadata, keys.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve as ReqwestResolve, Resolving};
use reqwest::redirect;
use url::Url;

use crate::error::{EgressError, Phase, blocked_in, is_tls};
use crate::guard::Guard;
use crate::policy::Scheme;
use crate::tls;
use crate::upstream::POOL_IDLE;

/// Bounds of a [`ControlClient`].
#[derive(Debug, Clone)]
pub struct ControlSettings {
    /// How long a whole exchange may take.
    pub timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// The largest answer that is read.
    pub max_bytes: usize,
}

impl Default for ControlSettings {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), connect_timeout: Duration::from_secs(5), max_bytes: 4 * 1024 * 1024 }
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The status. A redirect is an answer like others.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Sends control traffic behind a [`Guard`]: no redirects, no proxies from the environment, bounded. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ControlClient {
    guard: Guard,
    // The resolver of a client is not told the scheme, and http may go to fewer addresses: so there are two of them.
    http: reqwest::Client,
    https: reqwest::Client,
    max_bytes: usize,
}

impl ControlClient {
    /// A client behind `guard`.
    ///
    /// # Errors
    /// When TLS cannot be set up in this process.
    pub fn new(guard: Guard, settings: &ControlSettings) -> Result<Self, EgressError> {
        let client = |scheme| {
            reqwest::Client::builder()
                .user_agent(concat!("ostiary/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .no_proxy()
                .referer(false)
                .pool_idle_timeout(POOL_IDLE)
                .https_only(scheme == Scheme::Https)
                .timeout(settings.timeout)
                .connect_timeout(settings.connect_timeout)
                .tls_backend_preconfigured(tls::config()?)
                .dns_resolver(GuardedResolver { guard: guard.clone(), scheme })
                .build()
                .map_err(EgressError::other)
        };
        let (http, https) = (client(Scheme::Http)?, client(Scheme::Https)?);
        Ok(Self { guard, http, https, max_bytes: settings.max_bytes })
    }

    /// A client for requests to `url` and to nowhere else, for libraries that want one of their own.
    ///
    /// SECURITY: no resolver is asked about an address that is written in a URL, so a URL is checked here and must not
    /// be exchanged for another one afterwards.
    ///
    /// # Errors
    /// [`EgressError::Blocked`].
    pub fn client_for(&self, url: &Url) -> Result<reqwest::Client, EgressError> {
        Ok(match self.guard.check_url(url)? {
            Scheme::Http => self.http.clone(),
            Scheme::Https => self.https.clone(),
        })
    }

    /// Fetches a URL.
    ///
    /// # Errors
    /// [`EgressError`]; an HTTP error status is none.
    pub async fn get(&self, url: &Url) -> Result<Fetched, EgressError> {
        let request = reqwest::Request::new(Method::GET, url.clone());
        self.execute(request).await
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// [`EgressError`]; an HTTP error status is none.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<Fetched, EgressError> {
        self.execute(reqwest::Request::try_from(request).map_err(name)?).await
    }

    async fn execute(&self, request: reqwest::Request) -> Result<Fetched, EgressError> {
        let client = self.client_for(request.url())?;
        let mut answer = client.execute(request).await.map_err(name)?;
        let too_large = EgressError::TooLarge { max_bytes: self.max_bytes };
        if answer.content_length().is_some_and(|length| length > self.max_bytes as u64) {
            return Err(too_large);
        }
        let mut body = BytesMut::new();
        while let Some(part) = answer.chunk().await.map_err(name)? {
            if body.len() + part.len() > self.max_bytes {
                return Err(too_large);
            }
            body.extend_from_slice(&part);
        }
        Ok(Fetched { status: answer.status(), headers: std::mem::take(answer.headers_mut()), body: body.freeze() })
    }
}

/// Puts the guard where reqwest resolves names.
struct GuardedResolver {
    guard: Guard,
    scheme: Scheme,
}

impl ReqwestResolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, scheme) = (self.guard.clone(), self.scheme);
        Box::pin(async move {
            // The port is the client's to fill in; the guard wants one that could be connected to.
            let port = match scheme {
                Scheme::Http => 80,
                Scheme::Https => 443,
            };
            let addresses = guard.addresses(name.as_str(), port, scheme).await?;
            let addresses: Addrs = Box::new(addresses.into_iter().map(|mut address| {
                address.set_port(0);
                address
            }));
            Ok(addresses)
        })
    }
}

fn name(error: reqwest::Error) -> EgressError {
    // URLs may hold what nobody should read in a log.
    let error = error.without_url();
    if let Some(reason) = blocked_in(&error) {
        return reason.into();
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => EgressError::Timeout(Phase::Connect),
        (true, false) if is_tls(&error) => EgressError::Tls { source: error.into() },
        (true, false) => EgressError::Connect { source: error.into() },
        (false, true) => EgressError::Timeout(Phase::Total),
        (false, false) => EgressError::other(error),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::policy::EgressPolicy;

    fn control(policy: EgressPolicy) -> ControlClient {
        let settings =
            ControlSettings { timeout: Duration::from_millis(500), max_bytes: 16, ..ControlSettings::default() };
        ControlClient::new(Guard::new(policy), &settings).unwrap()
    }

    fn with_loopback() -> ControlClient {
        control(EgressPolicy::public_only().with_loopback())
    }

    /// A server that answers its first connection with `answer` and then keeps it open.
    async fn answering(answer: &'static str) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/x", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        });
        Url::parse(&url).unwrap()
    }

    #[tokio::test]
    async fn get_reads_the_whole_answer() {
        let url = answering("HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 2\r\n\r\nhi").await;
        let fetched = with_loopback().get(&url).await.unwrap();
        assert_eq!((fetched.status.as_u16(), &fetched.body[..]), (200, &b"hi"[..]));
        assert_eq!(fetched.headers["x-a"], "b");
    }

    #[tokio::test]
    async fn get_of_a_redirect_does_not_follow_it() {
        let url = answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(with_loopback().get(&url).await.unwrap().status.as_u16(), 302);
    }

    #[tokio::test]
    async fn get_of_a_large_answer_is_refused() {
        let declared = answering("HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n").await;
        let chunked = answering(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n01234567890123456789012345678901\r\n",
        )
        .await;
        for url in [declared, chunked] {
            assert!(matches!(with_loopback().get(&url).await, Err(EgressError::TooLarge { max_bytes: 16 })));
        }
    }

    #[tokio::test]
    async fn get_of_a_server_that_hangs_times_out() {
        let url = answering("HTTP/1.1 200 OK\r\n").await;
        assert!(matches!(with_loopback().get(&url).await, Err(EgressError::Timeout(Phase::Total))));
    }

    #[tokio::test]
    async fn get_by_name_or_literal_of_this_machine_is_refused_by_default() {
        for url in ["https://localhost/", "https://127.0.0.1/", "https://2130706433/", "https://[::1]/"] {
            let error = control(EgressPolicy::public_only()).get(&Url::parse(url).unwrap()).await.unwrap_err();
            assert!(matches!(error, EgressError::Blocked(_)), "{url}: {error:?}");
        }
    }

    #[tokio::test]
    async fn client_for_a_name_refuses_what_it_resolves_to() {
        use std::io;
        use std::net::SocketAddr;

        #[derive(Debug)]
        struct Inside;

        #[async_trait::async_trait]
        impl crate::resolver::Resolve for Inside {
            async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
                Ok(vec![SocketAddr::new("10.0.0.1".parse().unwrap(), port)])
            }
        }

        let guard = Guard::with_resolver(EgressPolicy::public_only(), Arc::new(Inside));
        let control = ControlClient::new(guard, &ControlSettings::default()).unwrap();
        let url = Url::parse("https://a.example/").unwrap();
        let error = control.client_for(&url).unwrap().get(url).send().await.unwrap_err();
        assert!(blocked_in(&error).is_some());
    }
}
