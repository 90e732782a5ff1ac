//! A request in a client's own session at a legacy upstream, which hears of it when the client cancels: wherever the client
//! says so.

use std::sync::Arc;

use ostiary_model::AccountId;
use serde_json::json;
use tokio_util::task::AbortOnDropHandle;

use super::Talks;
use crate::pool::PooledSession;

/// Has the upstream told, for as long as this lives.
#[derive(Debug)]
pub(crate) struct UnderWay {
    _watch: AbortOnDropHandle<()>,
}

impl UnderWay {
    /// A request of the raw id `id` goes up in a session there; `client` is the client's own.
    pub(crate) fn begin(
        talks: &Talks,
        account_id: AccountId,
        client: &Arc<str>,
        id: &str,
        there: &Arc<PooledSession>,
    ) -> Self {
        let running = talks.run(account_id, client, id);
        let (there, id) = (Arc::clone(there), serde_json::from_str(id).unwrap_or(serde_json::Value::Null));
        let watch = tokio::spawn(async move {
            running.cancelled().await;
            let said = running.said().map(|said| said.as_bytes().to_vec());
            there.post(said.unwrap_or_else(|| {
                json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
                    .to_string()
                    .into_bytes()
            }));
        });
        Self { _watch: AbortOnDropHandle::new(watch) }
    }
}
