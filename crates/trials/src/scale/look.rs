//! What people look at.

use std::time::{Duration, Instant};

use ostiary_testkit::Tenant;
use serde_json::Value;

use crate::load::quantile;

/// How long one kind of list or search takes.
pub(super) struct Look {
    pub(super) what: &'static str,
    /// What of it tells it from others.
    pub(super) query: String,
    pub(super) median: Duration,
    pub(super) slowest_of_100: Duration,
}

/// Every list and search, each so many times.
pub(super) async fn all(
    tenant: &Tenant,
    server: &str,
    policy: &str,
    grant: &str,
    times: usize,
) -> anyhow::Result<Vec<Look>> {
    let first = |body: &Value, member: &str| body["items"][0][member].as_str().unwrap_or_default().to_owned();
    let decisions = tenant.owner.get("/decisions?limit=1").await.expect(200);
    let (busy_server, busy_grant) = (first(&decisions, "server_id"), first(&decisions, "grant_id"));
    let busy_policy = first(&decisions, "policy_id");
    let deep = middle(tenant, "/decisions").await;
    let (deep_grants, deep_policies) = (middle(tenant, "/grants").await, middle(tenant, "/policies").await);
    let deep_servers = middle(tenant, "/servers").await;
    let looks = [
        ("list of servers", "/servers?limit=50".to_owned()),
        ("one server", format!("/servers/{server}")),
        ("tools of a server", format!("/servers/{server}/tools?limit=50")),
        ("tools of a server, searched", format!("/servers/{server}/tools?limit=50&q=loo")),
        ("changes of a server", format!("/servers/{server}/changes?limit=50")),
        ("list of policies", "/policies?limit=50".to_owned()),
        ("list of policies of a server", format!("/policies?limit=50&server_id={server}")),
        ("one policy", format!("/policies/{policy}")),
        ("versions of a policy", format!("/policies/{policy}/versions?limit=50")),
        ("list of API keys", "/api-keys?limit=50".to_owned()),
        ("list of members", "/members?limit=50".to_owned()),
        ("list of invitations", "/invitations?limit=50".to_owned()),
        ("list of sessions", "/sessions?limit=50".to_owned()),
        ("list of accounts", "/accounts".to_owned()),
        ("audit events", "/audit-events?limit=50".to_owned()),
        ("audit events of a policy", format!("/audit-events?limit=50&object_kind=policy&object_id={policy}")),
        ("list of grants", "/grants?limit=50".to_owned()),
        ("list of grants, a page further on", format!("/grants?limit=50&cursor={deep_grants}")),
        ("list of policies, a page further on", format!("/policies?limit=50&cursor={deep_policies}")),
        ("list of servers, a page further on", format!("/servers?limit=50&cursor={deep_servers}")),
        ("one grant", format!("/grants/{grant}")),
        ("decisions, newest", "/decisions?limit=50".to_owned()),
        ("decisions, a page further on", format!("/decisions?limit=50&cursor={deep}")),
        ("decisions of a server", format!("/decisions?limit=50&server_id={busy_server}")),
        ("decisions of a grant", format!("/decisions?limit=50&grant_id={busy_grant}")),
        ("decisions of a policy", format!("/decisions?limit=50&policy_id={busy_policy}")),
        ("decisions of a policy that has none", format!("/decisions?limit=50&policy_id={policy}&outcome=denied")),
        ("decisions of a tool", "/decisions?limit=50&target=tool_7".to_owned()),
        ("decisions of a tool that there is not", "/decisions?limit=50&target=nowhere".to_owned()),
        ("denied decisions", "/decisions?limit=50&outcome=denied".to_owned()),
        ("decisions with a code", "/decisions?limit=50&code=limit_exceeded".to_owned()),
        ("decisions with a code that never was", "/decisions?limit=50&code=hidden".to_owned()),
        ("decisions of a method that is seldom", "/decisions?limit=50&method=prompts/get".to_owned()),
        ("decisions of the usual method", "/decisions?limit=50&method=tools/call".to_owned()),
        ("allowed decisions", "/decisions?limit=50&outcome=allowed".to_owned()),
        ("denied decisions of a server", format!("/decisions?limit=50&server_id={busy_server}&outcome=denied")),
        ("decisions of a grant and a tool", format!("/decisions?limit=50&grant_id={busy_grant}&target=tool_7")),
        // Every denied call there is was of another tool.
        ("denied decisions of a tool without any", "/decisions?limit=50&target=tool_7&outcome=denied".to_owned()),
    ];
    let mut taken = Vec::new();
    for (what, path) in looks {
        let mut times_us = Vec::with_capacity(times);
        for _ in 0..times.max(1) {
            let began = Instant::now();
            let answer = tenant.owner.get(&path).await;
            times_us.push(u64::try_from(began.elapsed().as_micros())?);
            anyhow::ensure!(answer.status == 200, "{path}: {}: {:#}", answer.status, answer.body);
        }
        times_us.sort_unstable();
        let query = path.split('?').nth(1).unwrap_or_default().chars().take(40).collect();
        let at = |share| Duration::from_micros(quantile(&times_us, share));
        taken.push(Look { what, query, median: at(0.5), slowest_of_100: at(0.99) });
    }
    Ok(taken)
}

/// The cursor after a page.
async fn middle(tenant: &Tenant, path: &str) -> String {
    let page = tenant.owner.get(&format!("{path}?limit=40")).await.expect(200);
    page["next_cursor"].as_str().unwrap_or_default().to_owned()
}
