//! Compiled policies, shared by all grants that are bound to them.

use std::sync::Arc;

use moka::future::Cache;
use ostiary_model::PolicyId;
use ostiary_policy::Program;
use ostiary_storage::BoundPolicy;

/// A compiled policy takes so many times what its text takes, and so many bytes besides.
const BYTES: (usize, usize) = (8, 4_096);

/// Compiled policies by id and version. A version never changes, so nothing here goes stale.
#[derive(Debug)]
pub(crate) struct Programs {
    compiled: Cache<(PolicyId, i64), Compiled>,
}

/// A program, and about what it takes in memory.
#[derive(Clone, Debug)]
struct Compiled {
    program: Arc<Program>,
    bytes: u32,
}

impl Programs {
    /// Keeps programs of about so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let weigher = |_: &(PolicyId, i64), compiled: &Compiled| compiled.bytes;
        Self { compiled: Cache::builder().max_capacity(bytes).weigher(weigher).build() }
    }

    /// The program of a policy's version, compiled once however many calls wait for it.
    pub(crate) async fn get(&self, policy: &BoundPolicy) -> Arc<Program> {
        let compiled = async {
            let bytes = u32::try_from(policy.document.len() * BYTES.0 + BYTES.1).unwrap_or(u32::MAX);
            Compiled { program: compile(policy).await, bytes }
        };
        self.compiled.get_with((policy.id, policy.version), compiled).await.program
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
