//! The made-up registry: `GET /v0.1/servers` with `limit`, `cursor` and `updated_since`, in the format of the public one.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::index::Index;

/// A registry in this process; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Registry {
    address: SocketAddr,
    _task: tokio_util::task::AbortOnDropHandle<()>,
}

impl Registry {
    pub(super) async fn start(index: Index) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serve = async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let service = service_fn(move |request| async move { Ok::<_, Infallible>(answer(index, &request)) });
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        };
        Ok(Self { address, _task: tokio_util::task::AbortOnDropHandle::new(tokio::spawn(serve)) })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/v0.1/servers", self.address)
    }
}

fn answer(index: Index, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let query = request.uri().query().unwrap_or_default();
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let limit: u32 = value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(30);
    let from: u32 = value("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
    // Nothing has changed since anybody looked.
    let end = if value("updated_since").is_some() { from } else { (from + limit).min(index.servers()) };
    let servers: Vec<_> = (from..end).map(|number| index.server(number)).collect();
    let mut metadata = json!({"count": servers.len()});
    if end > from && end < index.servers() {
        metadata["nextCursor"] = json!(end.to_string());
    }
    Response::new(Full::new(Bytes::from(json!({"servers": servers, "metadata": metadata}).to_string())))
}
