//! What the API acknowledged is in force for every call that starts afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ostiary_testkit::{McpSession, Tenant, TestGateway, TestUpstream};
use serde_json::json;

use crate::documents;

/// Rounds of each loop; a stale cache shows in the first few.
const ROUNDS: u64 = 25;

struct Stage {
    _upstream: TestUpstream,
    _gateway: TestGateway,
    tenant: Tenant,
    server: String,
}

async fn stage() -> Stage {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    Stage { _upstream: upstream, _gateway: gateway, tenant, server }
}

/// What calls are judged by at the moment: twice the number of acknowledged changes. While a change is under way it is
/// odd, and calls may see either side of it.
#[derive(Default)]
struct Acknowledged(AtomicU64);

impl Acknowledged {
    fn begin(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn end(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Whether the acknowledged state is the one after an odd number of changes.
    fn is_changed(state: u64) -> bool {
        (state / 2) % 2 == 1
    }
}

/// Calls in a loop until it is told to stop, and counts calls that lay within one acknowledged state and were decided
/// by another.
async fn traffic(session: McpSession, state: Arc<Acknowledged>, stop: Arc<AtomicBool>) -> (u64, u64) {
    let (mut judged, mut wrong) = (0, 0);
    while !stop.load(Ordering::SeqCst) {
        let before = state.now();
        let refused = session.refusal("get_user", &json!({})).await.is_some();
        if before.is_multiple_of(2) && before == state.now() {
            judged += 1;
            wrong += u64::from(refused != Acknowledged::is_changed(before));
        }
    }
    (judged, wrong)
}

/// Runs `change` and `back` in turns, under traffic; each call after an acknowledged change must be decided by it.
async fn in_turns(session: &McpSession, mut change: impl AsyncFnMut(bool)) {
    let (state, stop) = (Arc::new(Acknowledged::default()), Arc::new(AtomicBool::new(false)));
    let background: Vec<_> =
        (0..4).map(|_| tokio::spawn(traffic(session.clone(), Arc::clone(&state), Arc::clone(&stop)))).collect();
    for round in 0..ROUNDS {
        let is_change = round % 2 == 0;
        state.begin();
        change(is_change).await;
        state.end();
        let refused = session.refusal("get_user", &json!({})).await;
        assert_eq!(refused.is_some(), is_change, "round {round}: {refused:?}");
    }
    stop.store(true, Ordering::SeqCst);
    let mut all = 0;
    for task in background {
        let (judged, wrong) = task.await.unwrap();
        assert_eq!(wrong, 0, "calls decided by a state that was no more");
        all += judged;
    }
    assert!(all > 0, "no call lay within one state");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policy_edit_is_in_force_when_it_is_acknowledged() {
    let Stage { tenant, server, .. } = &stage().await;
    let policy = tenant.policy(server, "users", &documents::allow_all()).await;
    let session = tenant.grant("agent", server, &policy).await.connect().await;
    in_turns(&session, async |is_change| {
        let document = if is_change { documents::allow_all_but("get_user") } else { documents::allow_all() };
        tenant.edit_policy(&policy, &document).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rebinding_is_in_force_when_it_is_acknowledged() {
    let Stage { tenant, server, .. } = &stage().await;
    let open = tenant.policy(server, "open", &documents::allow_all()).await;
    let closed = tenant.policy(server, "closed", &documents::allow_all_but("get_user")).await;
    let grant = tenant.grant("agent", server, &open).await;
    let session = grant.connect().await;
    in_turns(&session, async |is_change| {
        let policy = if is_change { &closed } else { &open };
        let path = format!("/grants/{}/bindings/{server}", grant.id);
        let answer = tenant.owner.put(&path, &json!({"policy_id": policy, "mode": "enforce"})).await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revocation_is_in_force_when_it_is_acknowledged() {
    let Stage { tenant, server, .. } = &stage().await;
    let policy = tenant.policy(server, "users", &documents::allow_all()).await;
    for round in 0..10 {
        let grant = tenant.grant(&format!("agent {round}"), server, &policy).await;
        let session = grant.connect().await;
        assert_eq!(session.refusal("get_user", &json!({})).await, None);
        tenant.owner.delete(&format!("/grants/{}", grant.id)).await.expect(204);
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_user"}});
        let response = session.post(&body.to_string()).await.unwrap();
        assert_eq!(response.status(), 401, "round {round}");
        assert!(response.headers().contains_key("www-authenticate"));
    }
}

#[tokio::test]
async fn tool_that_appears_is_found_by_a_refresh() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "all", &documents::allow_all()).await;
    let session = tenant.grant("agent", &server, &policy).await.connect().await;
    upstream.add_tool("brand_new");
    tenant.owner.post(&format!("/servers/{server}/refresh"), &json!({})).await.expect(200);
    assert_eq!(session.refusal("brand_new", &json!({})).await, None);
}
