//! One TLS configuration for every client: the same roots, the same provider.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt as _;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;

use crate::error::EgressError;

/// Trusts the roots that browsers trust; offers no protocol yet, which is each client's own business.
pub(crate) fn config() -> Result<ClientConfig, EgressError> {
    // The provider is named, so that nothing depends on which one a process happens to have installed.
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(EgressError::other)?;
    Ok(builder.with_webpki_roots().with_no_client_auth())
}
