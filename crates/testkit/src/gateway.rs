//! A whole gateway in the test's own process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ostiary_gateway::config::{Config, Given};
use ostiary_gateway::serve::Serving;
use tempfile::TempDir;

use crate::{Caller, Tenant};

/// A gateway that runs in this process, on a port of its own.
#[derive(Debug)]
pub struct TestGateway {
    serving: Option<Serving>,
    base: String,
    _dir: Option<TempDir>,
}

/// How a gateway is to be started.
#[derive(Debug, Default)]
pub struct TestGatewayBuilder {
    settings: BTreeMap<String, String>,
    data: Option<PathBuf>,
}

impl TestGatewayBuilder {
    /// A setting by its path.
    #[must_use]
    pub fn set(mut self, path: &str, value: &str) -> Self {
        self.settings.insert(path.to_owned(), value.to_owned());
        self
    }

    /// Keeps the data in this directory, to be found again by the next one.
    #[must_use]
    pub fn data(mut self, dir: &Path) -> Self {
        self.data = Some(dir.to_owned());
        self
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start(self) -> TestGateway {
        let dir = self.data.is_none().then(|| tempfile::tempdir().expect("a temporary directory"));
        let data = self.data.or_else(|| dir.as_ref().map(|dir| dir.path().to_owned())).expect("a data directory");
        let mut flags = self.settings;
        flags.entry("listen".to_owned()).or_insert_with(|| "127.0.0.1:0".to_owned());
        flags.insert("data_dir".to_owned(), data.display().to_string());
        let given = Given { flags, ..Given::default() };
        let config = Config::read(&given).expect("a configuration that can be used");
        let serving = Serving::start(config).await.expect("a gateway that starts");
        let base = format!("http://{}", serving.address());
        TestGateway { serving: Some(serving), base, _dir: dir }
    }
}

impl TestGateway {
    /// A gateway with the defaults.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A gateway with settings.
    #[must_use]
    pub fn builder() -> TestGatewayBuilder {
        TestGatewayBuilder::default()
    }

    /// Its address as a URL, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Somebody who calls its REST API.
    #[must_use]
    pub fn anonymous(&self) -> Caller {
        Caller::anonymous(&self.base)
    }

    /// A new account with its owner.
    pub async fn tenant(&self, name: &str) -> Tenant {
        Tenant::sign_up(&self.base, name).await
    }

    /// Stops it as a signal would, and waits until everything is written.
    ///
    /// # Panics
    ///
    /// When it does not stop cleanly.
    pub async fn stop(mut self) {
        if let Some(serving) = self.serving.take() {
            serving.stop().await.expect("a gateway that stops cleanly");
        }
    }
}
