//! Reading what a server offers.
//!
//! The protocol is spoken here message by message and not through an SDK: definitions must stay
//! as they were sent, down to members that no SDK knows, and every way in which a server can fail
//! has its own code.

mod client;
mod cursor;
mod entries;
mod exchange;
mod pages;
mod stdio;

use std::collections::BTreeMap;

use async_trait::async_trait;
use http::HeaderMap;
use ostiary_egress::BlockedReason;
use ostiary_model::EntryKind;
use ostiary_model::server::ServerIdentity;
use serde_json::Value;
use url::Url;

pub use client::{DiscoverySettings, McpInventory};
pub use stdio::read_stdio;

/// Reads inventories.
#[async_trait]
pub trait ReadInventory: std::fmt::Debug + Send + Sync {
    /// Connects, initializes, and reads every page of `tools/list`, and of the other lists as far as they can be read.
    /// `headers` authenticate.
    ///
    /// # Errors
    ///
    /// The one thing that kept it from being read in full; a part of it is never returned.
    async fn read(&self, url: &Url, headers: HeaderMap) -> Result<Discovered, DiscoveryError>;
}

/// What a server offers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discovered {
    /// What it says of itself.
    pub identity: ServerIdentity,
    /// The definitions of its tools as it sent them, each with its name, in the order sent.
    pub tools: Vec<DiscoveredTool>,
    /// What became of the other lists; one that is not here was not asked for.
    pub lists: BTreeMap<EntryKind, ListReading>,
}

/// What became of reading a list that is not the one of the tools: those a server can do without.
#[derive(Clone, Debug, PartialEq)]
pub enum ListReading {
    /// The server does not say that it has one.
    NotOffered,
    /// All of it.
    Read(Vec<DiscoveredEntry>),
    /// It could not be read in full; a part of it is never returned.
    Failed(DiscoveryError),
}

/// A resource, a template of resources, or a prompt as its server defines it.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscoveredEntry {
    /// Its URI, its pattern of URIs, or its name; unique in the list.
    pub key: String,
    /// Its definition, one JSON object.
    pub definition: Value,
}

/// A tool as its server defines it.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscoveredTool {
    /// Its name; unique in the inventory.
    pub name: String,
    /// Its definition, one JSON object.
    pub definition: Value,
}

/// Why an inventory could not be read. Safe to show: no address that was resolved, no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// The URL is none that a server can have.
    #[error("must be an http or https URL without user name, password and fragment")]
    UrlInvalid,
    /// The address is one that the gateway must not reach.
    #[error("the address is not allowed: {reason}")]
    AddressBlocked {
        /// Why, for people.
        reason: String,
    },
    /// No connection.
    #[error("the server cannot be reached")]
    Unreachable,
    /// It answers with a redirect, which is not followed: it could lead anywhere.
    #[error("the server redirects; give the address it redirects to")]
    Redirects,
    /// It answers, and speaks something else.
    #[error("the server answers, but does not speak MCP over Streamable HTTP at this URL")]
    NotMcp,
    /// It speaks MCP, and breaks its rules or goes beyond our bounds.
    #[error("the server breaks the protocol: {reason}")]
    Garbage {
        /// What it did, for people.
        reason: &'static str,
    },
    /// It takes too long.
    #[error("the server takes too long to answer")]
    Timeout,
    /// It wants other credentials.
    #[error("the server refuses the credentials (HTTP {status})")]
    Unauthorized {
        /// 401 or 403.
        status: u16,
    },
    /// It answers with another HTTP error.
    #[error("the server answers with HTTP {status}")]
    HttpError {
        /// The status.
        status: u16,
    },
}

/// What the guard said, by whether another URL or another address is wanted.
fn blocked(reason: BlockedReason) -> DiscoveryError {
    match reason {
        BlockedReason::Scheme
        | BlockedReason::UserInfo
        | BlockedReason::Fragment
        | BlockedReason::NoHost
        | BlockedReason::PortZero => DiscoveryError::UrlInvalid,
        BlockedReason::PlainHttp | BlockedReason::Address(_) => {
            DiscoveryError::AddressBlocked { reason: reason.to_string() }
        }
    }
}

impl DiscoveryError {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UrlInvalid => "upstream_url_invalid",
            Self::AddressBlocked { .. } => "upstream_address_blocked",
            Self::Unreachable => "upstream_unreachable",
            Self::Redirects => "upstream_redirects",
            Self::NotMcp => "upstream_not_mcp",
            Self::Garbage { .. } => "upstream_garbage",
            Self::Timeout => "upstream_timeout",
            Self::Unauthorized { .. } => "upstream_unauthorized",
            Self::HttpError { .. } => "upstream_http_error",
        }
    }
}
