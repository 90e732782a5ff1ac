//! What an account has under way is bounded, the rest waits for its turn, and no other account notices.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::Utc;
use http::{Request, StatusCode};
use http_body_util::Full;
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{AccountId, Binding, Mode, PolicyId, ServerId, Slug};
use ostiary_proxy::{Gateway, ProxyConfig};
use ostiary_storage::{ReadAccounts, ReadServers, Store, Unrecorded};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::upstream::{Reply, Upstream};
use super::world::{Answer, Plan, World, grant, tool, whole};

const PATIENCE: Duration = Duration::from_secs(10);

/// Long enough for whatever is not held up.
const MOMENT: Duration = Duration::from_millis(100);

/// An upstream whose tool `refund` is answered once the gate lets it.
async fn gated() -> (Upstream, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let opened = Arc::clone(&gate);
    let upstream = Upstream::start(move |seen| {
        let gate = Arc::clone(&opened);
        (seen.body()["params"]["name"] == "refund").then(|| {
            let id = seen.body()["id"].clone();
            Reply::Stream(
                "text/event-stream",
                Box::new(move |mut sender| {
                    tokio::spawn(async move {
                        gate.acquire().await.expect("an open gate").forget();
                        let answer = json!({"jsonrpc": "2.0", "id": id, "result": {"content": []}});
                        drop(sender.send_data(format!("data: {answer}\n\n").into()).await);
                    });
                }),
            )
        })
    })
    .await;
    (upstream, gate)
}

/// One call under way, one that waits.
fn narrow(call_wait: Duration) -> Plan {
    let config =
        ProxyConfig { calls_per_account: 1, calls_waiting_per_account: 1, call_wait, ..ProxyConfig::default() };
    Plan { config, ..Plan::default() }
}

/// Sends a request in a task of its own.
async fn sent(gateway: &Gateway, request: Request<Full<Bytes>>) -> JoinHandle<Answer> {
    let gateway = gateway.clone();
    let task = tokio::spawn(async move { whole(gateway.call(request).await).await });
    sleep(MOMENT).await;
    task
}

fn call(world: &World, tool: &str) -> Request<Full<Bytes>> {
    world.modern_request("tools/call", &json!({"name": tool, "arguments": {}}))
}

async fn answered(task: JoinHandle<Answer>) -> Answer {
    timeout(PATIENCE, task).await.expect("in time").expect("a task")
}

/// Another account with the same server; answers the token of its agent.
async fn neighbour(world: &World, slug: &str) -> String {
    let mut account = world.store.get_account(world.account_id).await.expect("read").expect("account");
    let mut server = world.store.get_server(world.account_id, world.server_id).await.expect("read").expect("server");
    account.id = AccountId::generate();
    account.slug = Slug::parse(slug).expect("slug");
    (server.id, server.account_id) = (ServerId::generate(), account.id);
    let binding = Binding { server_id: server.id, policy_id: None, mode: Mode::Shadow };
    let (grant, token) = (grant(account.id, vec![binding]), Token::mint(TokenKind::Grant));
    let mut transaction = world.store.begin().await.expect("begin");
    transaction.create_account(&account).await.expect("account");
    transaction.create_server(&server).await.expect("server");
    let tools = [tool(server.id, "echo")];
    transaction.replace_tools(account.id, server.id, &tools, Utc::now()).await.expect("tools");
    transaction.create_grant(&grant, token.hash().as_bytes()).await.expect("grant");
    transaction.commit(Unrecorded::Fixture.into()).await.expect("commit");
    token.reveal().to_owned()
}

/// Another agent of the same account.
async fn second_grant(world: &World) -> String {
    let policy_id: Option<PolicyId> = Some(world.policy_id);
    let binding = Binding { server_id: world.server_id, policy_id, mode: Mode::Enforce };
    let (grant, token) = (grant(world.account_id, vec![binding]), Token::mint(TokenKind::Grant));
    let mut transaction = world.store.begin().await.expect("begin");
    transaction.create_grant(&grant, token.hash().as_bytes()).await.expect("grant");
    transaction.commit(Unrecorded::Fixture.into()).await.expect("commit");
    token.reveal().to_owned()
}

/// The same request of somebody else.
fn with_token(mut request: Request<Full<Bytes>>, token: &str) -> Request<Full<Bytes>> {
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("header"));
    request
}

#[tokio::test]
async fn call_above_the_bound_waits_for_its_turn_and_is_answered() {
    let (upstream, gate) = gated().await;
    let world = World::start(&upstream.url(), narrow(PATIENCE)).await;
    let first = sent(&world.gateway, call(&world, "refund")).await;
    let second = sent(&world.gateway, call(&world, "echo")).await;
    assert!(!second.is_finished());
    assert_eq!(upstream.seen_of("tools/call").len(), 1, "the second has not been sent");
    gate.add_permits(1);
    assert_eq!(answered(first).await.status, StatusCode::OK);
    let second = answered(second).await;
    assert!(second.status == StatusCode::OK && second.text.contains("result"), "{}", second.text);
}

#[tokio::test]
async fn call_above_the_bound_is_429_after_its_wait_and_at_once_above_the_queue() {
    let (upstream, gate) = gated().await;
    let world = World::start(&upstream.url(), narrow(3 * MOMENT)).await;
    let first = sent(&world.gateway, call(&world, "refund")).await;
    let began = Instant::now();
    let waiting = sent(&world.gateway, call(&world, "echo")).await;
    // At whichever of its endpoints.
    let mut elsewhere = call(&world, "pay__echo");
    *elsewhere.uri_mut() = "/mcp/acme".parse().expect("uri");
    let over = world.send(elsewhere).await;
    assert_eq!((over.status, over.code()), (StatusCode::TOO_MANY_REQUESTS, -31006));
    assert!(!waiting.is_finished(), "one that waits is not refused for one that may not");
    let late = answered(waiting).await;
    assert_eq!((late.status, &late.headers["retry-after"]), (StatusCode::TOO_MANY_REQUESTS, &"1".parse().expect("1")));
    assert!(began.elapsed() >= 3 * MOMENT);
    assert_eq!(world.gateway.metrics().refusals_of(world.account_id), [("too_many_calls", 2)]);
    gate.add_permits(1);
    assert_eq!(answered(first).await.status, StatusCode::OK);
    assert_eq!(upstream.seen_of("tools/call").len(), 1);
}

#[tokio::test]
async fn account_whose_queue_is_full_holds_no_other_up() {
    let (upstream, gate) = gated().await;
    let world = World::start(&upstream.url(), narrow(PATIENCE)).await;
    let token = neighbour(&world, "quiet").await;
    let first = sent(&world.gateway, call(&world, "refund")).await;
    let waiting = sent(&world.gateway, call(&world, "refund")).await;
    assert_eq!(world.send(call(&world, "refund")).await.status, StatusCode::TOO_MANY_REQUESTS);
    for _ in 0..20 {
        let mut request = with_token(call(&world, "echo"), &token);
        *request.uri_mut() = "/mcp/quiet/pay".parse().expect("uri");
        let answer = timeout(PATIENCE, world.send(request)).await.expect("in time");
        assert!(answer.status == StatusCode::OK && answer.text.contains("result"), "{}", answer.text);
    }
    assert!(!first.is_finished() && !waiting.is_finished());
    gate.add_permits(2);
    for call in [first, waiting] {
        assert_eq!(answered(call).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn call_whose_client_left_while_it_waited_is_not_sent_and_holds_nobody_up() {
    let (upstream, gate) = gated().await;
    let world = World::start(&upstream.url(), narrow(PATIENCE)).await;
    let first = sent(&world.gateway, call(&world, "refund")).await;
    let left = sent(&world.gateway, call(&world, "delete_all")).await;
    left.abort();
    assert!(left.await.is_err());
    // Its place in the queue is free, too.
    let next = sent(&world.gateway, call(&world, "echo")).await;
    assert!(!next.is_finished());
    gate.add_permits(1);
    answered(first).await;
    assert_eq!(answered(next).await.status, StatusCode::OK);
    let tools: Vec<_> =
        upstream.seen_of("tools/call").iter().map(|seen| seen.body()["params"]["name"].clone()).collect();
    assert_eq!(tools, ["refund", "echo"]);
}

#[tokio::test]
async fn calls_beside_another_account_start_at_the_pace() {
    let upstream = Upstream::ordinary().await;
    let config = ProxyConfig { calls_per_second_per_account: 20, ..ProxyConfig::default() };
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    let token = neighbour(&world, "quiet").await;
    let mut request = with_token(call(&world, "echo"), &token);
    *request.uri_mut() = "/mcp/quiet/pay".parse().expect("uri");
    assert_eq!(world.send(request).await.status, StatusCode::OK);
    let began = Instant::now();
    for _ in 0..12 {
        assert_eq!(world.send(call(&world, "echo")).await.status, StatusCode::OK);
    }
    // Three at once, and nine in steps of a twentieth of a second.
    assert!(began.elapsed() >= Duration::from_millis(440), "{:?}", began.elapsed());
}

#[tokio::test]
async fn sessions_are_opened_streamed_and_ended_in_turns_too() {
    let upstream = Upstream::ordinary().await;
    let config = ProxyConfig { calls_per_account: 0, call_wait: Duration::ZERO, ..ProxyConfig::default() };
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    for (method, path) in [("POST", "/mcp/acme/pay"), ("GET", "/mcp/acme/pay"), ("DELETE", "/mcp/acme/pay")]
        .into_iter()
        .flat_map(|(method, path)| [(method, path), (method, "/mcp/acme")])
    {
        let mut request = world.request(method, "{}");
        *request.uri_mut() = path.parse().expect("uri");
        assert_eq!(world.send(request).await.status, StatusCode::TOO_MANY_REQUESTS, "{method} {path}");
    }
}

#[tokio::test]
async fn streams_of_all_grants_of_an_account_are_bounded_together() {
    let upstream = Upstream::ordinary().await;
    let config = ProxyConfig { streams_per_account: 2, ..ProxyConfig::default() };
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    let other = second_grant(&world).await;
    let listen = |token: &str| {
        let mut request = world.modern_request("subscriptions/listen", &json!({"notifications": {}}));
        *request.uri_mut() = "/mcp/acme".parse().expect("uri");
        world.gateway.call(with_token(request, token))
    };
    let open = [listen(&world.token).await, listen(&other).await];
    assert!(open.iter().all(|stream| stream.status() == StatusCode::OK));
    for token in [&world.token, &other] {
        let refused = whole(listen(token).await).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, -31006));
    }
    assert_eq!(world.gateway.metrics().refusals_of(world.account_id), [("too_many_streams", 2)]);
    drop(open);
    assert_eq!(listen(&other).await.status(), StatusCode::OK, "the places are free again");
}
