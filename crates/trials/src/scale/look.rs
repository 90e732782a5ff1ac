//! What people look at.

use std::time::{Duration, Instant};

use ostiary_testkit::Tenant;
use serde_json::Value;

/// Every list and search, with how long it took: the best of three, because others use the machine, too.
pub(super) async fn all(
    tenant: &Tenant,
    server: &str,
    policy: &str,
    grant: &str,
) -> anyhow::Result<Vec<(&'static str, String, Duration)>> {
    let first = |body: &Value, member: &str| body["items"][0][member].as_str().unwrap_or_default().to_owned();
    let decisions = tenant.owner.get("/decisions?limit=1").await.expect(200);
    let (busy_server, busy_grant) = (first(&decisions, "server_id"), first(&decisions, "grant_id"));
    let busy_policy = first(&decisions, "policy_id");
    let deep = middle(tenant, "/decisions").await;
    let looks = [
        ("list of servers", "/servers?limit=50".to_owned()),
        ("one server", format!("/servers/{server}")),
        ("list of policies", "/policies?limit=50".to_owned()),
        ("list of policies of a server", format!("/policies?limit=50&server_id={server}")),
        ("one policy", format!("/policies/{policy}")),
        ("list of grants", "/grants?limit=50".to_owned()),
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
    ];
    let mut taken = Vec::new();
    for (what, path) in looks {
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let began = Instant::now();
            let answer = tenant.owner.get(&path).await;
            best = best.min(began.elapsed());
            anyhow::ensure!(answer.status == 200, "{path}: {}: {:#}", answer.status, answer.body);
        }
        let shown = path.split('?').nth(1).unwrap_or_default().chars().take(40).collect();
        taken.push((what, shown, best));
    }
    Ok(taken)
}

/// The cursor after a page.
async fn middle(tenant: &Tenant, path: &str) -> String {
    let page = tenant.owner.get(&format!("{path}?limit=200")).await.expect(200);
    page["next_cursor"].as_str().unwrap_or_default().to_owned()
}
