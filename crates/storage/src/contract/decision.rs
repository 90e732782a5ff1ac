//! Cases of decisions as people read them.

use chrono::TimeDelta;
use ostiary_model::decision::{Decision, Ending, EndingResult, Outcome};
use ostiary_model::tool::Category;
use ostiary_model::{DecisionId, GrantId, Mode, PolicyId, ServerId};

use super::Backend;
use super::fixture::{Tenant, after, at, first, record};
use crate::DecisionFilter;

async fn list(backend: &Backend, tenant: &Tenant, filter: &DecisionFilter) -> Vec<DecisionId> {
    let page = backend.store.list_decisions(tenant.id(), filter, first(100)).await.expect("list");
    page.items.iter().map(|decision| decision.id).collect()
}

/// Nothing is lost on the way.
pub async fn decision_with_every_member_is_read_as_written(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut decision = one.decision(at(1));
    decision.session = Some("c0ffee".to_owned());
    decision.client_name = Some("agent \"x\"\u{1F512}".to_owned());
    decision.client_version = Some("1.2".to_owned());
    decision.protocol_version = Some("2025-06-18".to_owned());
    decision.target = Some("create_session".to_owned());
    decision.category = Some(Category::Financial);
    decision.policy_id = Some(PolicyId::generate());
    decision.policy_version = Some(12);
    decision.mode = Mode::Shadow;
    decision.outcome = Outcome::ShadowDenied;
    decision.code = Some("limit_exceeded".to_owned());
    decision.rule = Some("/limits/0".to_owned());
    decision.message = Some("not now".to_owned());
    decision.argument_names = vec!["amount".to_owned(), "to, whom".to_owned()];
    decision.argument_hash = Some("beef".to_owned());
    decision.trace_id = Some("0af7651916cd43dd8448eb211c80319c".to_owned());
    decision.bytes_in = 1 << 40;
    decision.gateway_us = 250;
    decision.ending =
        Some(Ending { result: EndingResult::Ok, upstream_status: Some(200), bytes_out: 1 << 40, upstream_ms: 33 });
    record(backend, vec![decision.clone()]).await;
    let found = backend.store.get_decision(one.id(), decision.id).await.expect("get");
    assert_eq!(found.as_ref(), Some(&decision));
    let page = backend.store.list_decisions(one.id(), &DecisionFilter::default(), first(1)).await.expect("list");
    assert_eq!(page.items, [decision]);
}

/// Nothing is made up on the way.
pub async fn decision_with_nothing_optional_is_read_as_written(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let decision = one.decision(at(1));
    record(backend, vec![decision.clone()]).await;
    let found = backend.store.get_decision(one.id(), decision.id).await.expect("get");
    assert_eq!(found, Some(decision));
    assert_eq!(backend.store.get_decision(one.id(), DecisionId::generate()).await.expect("get"), None);
}

/// By time, whatever the order in which they were written.
pub async fn decisions_are_listed_in_pages_the_newest_first(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let decisions: Vec<Decision> = [3, 1, 5, 2, 4].map(|second| one.decision(at(second))).into();
    record(backend, decisions).await;
    let filter = DecisionFilter::default();
    let page = backend.store.list_decisions(one.id(), &filter, first(2)).await.expect("list");
    let times: Vec<_> = page.items.iter().map(|decision| decision.time).collect();
    assert_eq!((times.as_slice(), page.has_more), (&[at(5), at(4)][..], true));
    let page = backend.store.list_decisions(one.id(), &filter, after(3, page.items[1].id)).await.expect("list");
    let times: Vec<_> = page.items.iter().map(|decision| decision.time).collect();
    assert_eq!((times.as_slice(), page.has_more), (&[at(3), at(2), at(1)][..], false));
    let page = backend.store.list_decisions(one.id(), &filter, after(3, DecisionId::generate())).await.expect("list");
    assert!(page.items.is_empty() && !page.has_more);
}

/// A busy agent makes many calls in one millisecond.
pub async fn decisions_of_one_moment_are_neither_lost_nor_repeated(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let decisions: Vec<Decision> = (0..7).map(|_| one.decision(at(1))).collect();
    let mut expected: Vec<DecisionId> = decisions.iter().map(|decision| decision.id).collect();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    record(backend, decisions).await;
    let mut found = Vec::new();
    let mut request = first(2);
    loop {
        let page = backend.store.list_decisions(one.id(), &DecisionFilter::default(), request).await.expect("list");
        found.extend(page.items.iter().map(|decision| decision.id));
        if !page.has_more {
            break;
        }
        request = after(2, found[found.len() - 1]);
    }
    assert_eq!(found, expected);
}

/// Each member of the filter alone, and all together.
pub async fn decisions_are_filtered_by_each_member(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut wanted = one.decision(at(1));
    wanted.policy_id = Some(PolicyId::generate());
    wanted.target = Some("pay".to_owned());
    wanted.method = "resources/read".to_owned();
    wanted.outcome = Outcome::Denied;
    wanted.code = Some("rule_denied".to_owned());
    let mut near = one.decision(at(1));
    near.target = Some("pay2".to_owned());
    record(backend, vec![wanted.clone(), near.clone()]).await;

    let nothing = DecisionFilter::default;
    let all = DecisionFilter {
        server_id: Some(wanted.server_id),
        grant_id: Some(wanted.grant_id),
        policy_id: wanted.policy_id,
        target: wanted.target.clone(),
        method: Some(wanted.method.clone()),
        outcome: Some(Outcome::Denied),
        code: wanted.code.clone(),
        since: None,
        until: None,
    };
    let filters = [
        DecisionFilter { server_id: all.server_id, ..nothing() },
        DecisionFilter { grant_id: all.grant_id, ..nothing() },
        DecisionFilter { policy_id: all.policy_id, ..nothing() },
        DecisionFilter { target: all.target.clone(), ..nothing() },
        DecisionFilter { method: all.method.clone(), ..nothing() },
        DecisionFilter { outcome: all.outcome, ..nothing() },
        DecisionFilter { code: all.code.clone(), ..nothing() },
        all,
    ];
    for filter in filters {
        assert_eq!(list(backend, &one, &filter).await, [wanted.id], "{filter:?}");
    }
    let allowed = DecisionFilter { outcome: Some(Outcome::Allowed), ..nothing() };
    assert_eq!(list(backend, &one, &allowed).await, [near.id]);
    let strangers = [
        DecisionFilter { server_id: Some(ServerId::generate()), ..nothing() },
        DecisionFilter { grant_id: Some(GrantId::generate()), ..nothing() },
        DecisionFilter { outcome: Some(Outcome::Held), ..nothing() },
    ];
    for filter in strangers {
        assert!(list(backend, &one, &filter).await.is_empty(), "{filter:?}");
    }
}

/// However much two targets have in common at their beginning.
pub async fn decisions_of_long_targets_are_told_apart(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let targets = [199, 200, 201, 300].map(|length| "å".repeat(length));
    let decisions = targets.clone().map(|target| {
        let mut decision = one.decision(at(1));
        decision.target = Some(target);
        decision.outcome = Outcome::Denied;
        decision
    });
    record(backend, decisions.to_vec()).await;
    for (target, decision) in targets.into_iter().zip(decisions) {
        for outcome in [None, Some(Outcome::Denied)] {
            let filter = DecisionFilter { target: Some(target.clone()), outcome, ..DecisionFilter::default() };
            assert_eq!(list(backend, &one, &filter).await, [decision.id], "{filter:?}");
        }
    }
}

/// `since` is inside, `until` is not, and neither is a moment that was truncated when it was kept.
pub async fn decisions_of_a_period_begin_at_its_start_and_end_before_its_end(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let decisions: Vec<Decision> = (1..=4).map(|second| one.decision(at(second))).collect();
    let ids: Vec<DecisionId> = decisions.iter().map(|decision| decision.id).collect();
    record(backend, decisions).await;
    let period = |since, until| DecisionFilter { since, until, ..DecisionFilter::default() };
    assert_eq!(list(backend, &one, &period(Some(at(2)), Some(at(4)))).await, [ids[2], ids[1]]);
    assert_eq!(list(backend, &one, &period(Some(at(4)), None)).await, [ids[3]]);
    assert_eq!(list(backend, &one, &period(None, Some(at(2)))).await, [ids[0]]);
    let moment = TimeDelta::microseconds(1);
    assert_eq!(list(backend, &one, &period(Some(at(3) + moment), None)).await, [ids[3]]);
    assert_eq!(list(backend, &one, &period(None, Some(at(1) + moment))).await, [ids[0]]);
}

/// A stranger finds nothing, whatever is asked for.
pub async fn decisions_of_another_account_are_not_found(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (decision, own) = (one.decision(at(5)), other.decision(at(1)));
    record(backend, vec![decision.clone(), own.clone()]).await;
    assert_eq!(backend.store.get_decision(other.id(), decision.id).await.expect("get"), None);
    assert_eq!(list(backend, &other, &DecisionFilter::default()).await, [own.id]);
    let filters = [
        DecisionFilter { server_id: Some(decision.server_id), ..DecisionFilter::default() },
        DecisionFilter { grant_id: Some(decision.grant_id), ..DecisionFilter::default() },
    ];
    for filter in filters {
        assert!(list(backend, &other, &filter).await.is_empty(), "{filter:?}");
    }
    // Not even as a mark: it would tell when the stranger's call was.
    let page = backend
        .store
        .list_decisions(other.id(), &DecisionFilter::default(), after(9, decision.id))
        .await
        .expect("list");
    assert!(page.items.is_empty());
}
