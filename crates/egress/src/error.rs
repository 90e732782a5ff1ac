//! What can go wrong on the way out, and what it means for the call.

use std::error::Error as StdError;
use std::{fmt, io};

use crate::address::AddressClass;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a target is not connected to. The texts are safe to show: they name no resolved address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockedReason {
    /// The URL is not http or https.
    #[error("only http and https URLs are allowed")]
    Scheme,
    /// The URL is http, and that is not allowed for its host.
    #[error("the URL must be https")]
    PlainHttp,
    /// The URL has a user name or password in it.
    #[error("the URL must not contain credentials")]
    UserInfo,
    /// The URL has a fragment, which is never sent.
    #[error("the URL must not have a fragment")]
    Fragment,
    /// The URL has no host.
    #[error("the URL has no host")]
    NoHost,
    /// The URL's port is 0.
    #[error("port 0 cannot be connected to")]
    PortZero,
    /// The host is, or resolves to, an address that is not public.
    #[error("the host has a {0} address, which is not allowed")]
    Address(AddressClass),
}

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Resolving, connecting and agreeing on keys.
    Connect,
    /// Waiting for the answer to begin.
    FirstByte,
    /// Waiting for the next part of the answer.
    Idle,
    /// The whole exchange.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::FirstByte => "waiting for the answer",
            Self::Idle => "waiting for more of the answer",
            Self::Total => "the whole exchange",
        })
    }
}

/// A request that got no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The guard refused the target; nothing was sent.
    #[error("the target is refused: {0}")]
    Blocked(#[from] BlockedReason),
    /// No connection came about; nothing was sent.
    #[error("no connection could be made")]
    Connect {
        /// The cause, for logs.
        #[source]
        source: Source,
    },
    /// The keys were not agreed on, or the certificate is not good; nothing was sent.
    #[error("no secure connection could be made")]
    Tls {
        /// The cause, for logs.
        #[source]
        source: Source,
    },
    /// Something took too long.
    #[error("timed out while {0}")]
    Timeout(Phase),
    /// The answer is larger than allowed.
    #[error("the answer is larger than {max_bytes} bytes")]
    TooLarge {
        /// The bound.
        max_bytes: usize,
    },
    /// The exchange broke off after a part of the request may have been sent.
    #[error("the exchange broke off")]
    Other {
        /// The cause, for logs.
        #[source]
        source: Source,
    },
}

impl EgressError {
    /// Whether no byte of the request can have left: what was reserved for it may be given back, and it may be sent
    /// again without being done twice. `false` where that is not certain.
    #[must_use]
    pub fn is_unsent(&self) -> bool {
        match self {
            Self::Blocked(_) | Self::Connect { .. } | Self::Tls { .. } | Self::Timeout(Phase::Connect) => true,
            Self::Timeout(_) | Self::TooLarge { .. } | Self::Other { .. } => false,
        }
    }

    /// A stable name for counters and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Blocked(_) => "blocked",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout(Phase::Connect) => "connect_timeout",
            Self::Timeout(Phase::FirstByte) => "first_byte_timeout",
            Self::Timeout(Phase::Idle) => "idle_timeout",
            Self::Timeout(Phase::Total) => "total_timeout",
            Self::TooLarge { .. } => "too_large",
            Self::Other { .. } => "interrupted",
        }
    }

    /// Names an error that a connection attempt ended with.
    pub(crate) fn connecting(error: Source) -> Self {
        match error.downcast::<Self>() {
            Ok(ours) => *ours,
            Err(other) => {
                let found = find(other.as_ref(), |cause| cause.downcast_ref::<Self>().and_then(Self::copy));
                match found {
                    Some(ours) => ours,
                    None if is_tls(other.as_ref()) => Self::Tls { source: other },
                    None => Self::Connect { source: other },
                }
            }
        }
    }

    /// The same error again, where it holds nothing that cannot be copied.
    fn copy(&self) -> Option<Self> {
        match self {
            Self::Blocked(reason) => Some(Self::Blocked(*reason)),
            Self::Timeout(phase) => Some(Self::Timeout(*phase)),
            Self::TooLarge { max_bytes } => Some(Self::TooLarge { max_bytes: *max_bytes }),
            _ => None,
        }
    }

    pub(crate) fn other(error: impl Into<Source>) -> Self {
        Self::Other { source: error.into() }
    }
}

/// The guard's reason, when that is what lies behind an error of a client that was given out.
#[must_use]
pub fn blocked_in(error: &(dyn StdError + 'static)) -> Option<BlockedReason> {
    find(error, |cause| match cause.downcast_ref::<EgressError>() {
        Some(EgressError::Blocked(reason)) => Some(*reason),
        _ => None,
    })
}

pub(crate) fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    find(error, |cause| cause.downcast_ref::<rustls::Error>().map(|_| ())).is_some()
}

/// The first cause that `pick` takes. An I/O error hides what it wraps from the chain of sources, so it is opened.
fn find<T>(error: &(dyn StdError + 'static), pick: impl Fn(&(dyn StdError + 'static)) -> Option<T>) -> Option<T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = pick(cause) {
            return Some(found);
        }
        next = match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    None
}
