//! Compiled policies, shared by all grants that are bound to them.

use std::sync::Arc;

use moka::future::Cache;
use ostiary_model::PolicyId;
use ostiary_policy::Program;
use ostiary_storage::BoundPolicy;

/// Compiled policies that are kept. A version never changes, so nothing here goes stale.
const PROGRAMS: u64 = 10_000;

/// Compiled policies by id and version.
#[derive(Debug)]
pub(crate) struct Programs {
    compiled: Cache<(PolicyId, i64), Arc<Program>>,
}

impl Programs {
    pub(crate) fn new() -> Self {
        Self { compiled: Cache::new(PROGRAMS) }
    }

    /// The program of a policy's version, compiled once however many calls wait for it.
    pub(crate) async fn get(&self, policy: &BoundPolicy) -> Arc<Program> {
        self.compiled.get_with((policy.id, policy.version), compile(policy)).await
    }
}

/// Compiles off the threads that serve calls: a large document with many expressions takes milliseconds.
async fn compile(policy: &BoundPolicy) -> Arc<Program> {
    let document = Arc::clone(&policy.document);
    let compiled = tokio::task::spawn_blocking(move || match ostiary_policy::parse(&document) {
        Ok(document) => Ok(document.compile()),
        Err(diagnostics) => Err(diagnostics.first().map(|first| first.code.as_str())),
    });
    let reason = match compiled.await {
        Ok(Ok(program)) => return Arc::new(program),
        Ok(Err(code)) => code.unwrap_or("invalid"),
        Err(_) => "not compiled",
    };
    // SECURITY: a stored policy that cannot be read denies everything; it never means "no policy".
    tracing::error!(policy.id = %policy.id, policy.version = policy.version, reason, "a stored policy cannot be read");
    Arc::new(Program::broken(reason))
}
