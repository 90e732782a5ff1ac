//! `ostiary serve`: everything in one process, until a signal comes; and what the services apart do alike.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::config::{self, Config, Given};
use crate::serve::Serving;
use crate::service::Service;
use crate::{dashboard, logging, shutdown};

/// Serves until SIGINT or SIGTERM, then stops in order.
///
/// # Errors
///
/// All that is wrong with the configuration, or what keeps it from serving.
pub fn run(given: &Given) -> anyhow::Result<ExitCode> {
    serve(Service::Everything, Config::read(given)?, given)
}

/// Serves a service until SIGINT or SIGTERM, then stops in order.
pub(super) fn serve(service: Service, config: Config, given: &Given) -> anyhow::Result<ExitCode> {
    logging::start(&config.log);
    for name in config::unknown_variables(given) {
        tracing::warn!(name, "there is no such setting; `ostiary config` lists them");
    }
    block_on(async {
        let serving = Serving::start_service(config, service).await?;
        println!("listening on http://{}", serving.address());
        if service.has_api() && !dashboard::is_present() {
            tracing::warn!("the dashboard is not part of this program; `cargo xtask up` builds it");
        }
        let ended = tokio::select! {
            signal = shutdown::signal() => signal.context("cannot listen to signals"),
            () = serving.lost() => Err(anyhow::anyhow!("another process has taken the database over")),
        };
        tracing::info!("stopping");
        serving.stop().await?;
        ended.map(|()| ExitCode::SUCCESS)
    })
}

/// Runs a future on a runtime of its own.
///
/// # Errors
///
/// The future's, or that there is no runtime to be had.
pub fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let result = runtime.block_on(future);
    // What is still running was asked to end and given its time.
    runtime.shutdown_background();
    result
}
