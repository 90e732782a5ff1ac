//! Where a request comes from: the client's address, and the browser as it is known.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::header::USER_AGENT;
use http::request::Parts;
use ostiary_auth::DeviceId;
use ostiary_auth::session::cookie;
use ostiary_edge::ClientAddress;
use ostiary_edge::server::Peer;
use ostiary_model::UserId;

use crate::state::ApiState;

/// Most characters that are kept of what a browser calls itself.
const MAX_USER_AGENT_CHARS: usize = 200;

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's address; none for a request that came over no connection.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// Who has signed in with this browser before, and which of their browsers it is.
    pub device: Option<(UserId, DeviceId)>,
}

impl FromRequestParts<ApiState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Infallible> {
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        let client = parts.extensions.get::<ClientAddress>().map(|client| client.0);
        let peer = parts.extensions.get::<Peer>();
        Ok(Self {
            // Behind trusted proxies the client is not who connected.
            address: client.or_else(|| peer.map(|peer| peer.0.ip().to_canonical())),
            user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT_CHARS).collect()),
            device: cookie::find_device(&parts.headers).and_then(|text| state.devices.read(text)),
        })
    }
}
