//! The one door of the listener: `/mcp` goes to the data plane as it is, everything else to the router.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use ostiary_proxy::Gateway;
use tower::ServiceExt as _;

/// Where a request goes.
#[derive(Clone, Debug)]
pub(crate) struct Front {
    /// None where agents are not served.
    pub(crate) gateway: Option<Gateway>,
    pub(crate) router: Router,
}

impl Front {
    /// Answers one request.
    pub(crate) async fn serve(self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        match self.gateway {
            Some(gateway) if gateway.handles(request.uri().path()) => {
                Ok(gateway.call(request).await.map(Body::DataPlane))
            }
            _ => {
                let response = self.router.oneshot(request.map(axum::body::Body::new)).await?;
                Ok(response.map(Body::Router))
            }
        }
    }
}

/// An answer of either side, without a box around it.
#[derive(Debug)]
pub(crate) enum Body {
    DataPlane(ostiary_proxy::Body),
    Router(axum::body::Body),
}

/// Why an answer broke off.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::DataPlane(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Router(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::DataPlane(body) => body.is_end_stream(),
            Self::Router(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::DataPlane(body) => body.size_hint(),
            Self::Router(body) => body.size_hint(),
        }
    }
}
