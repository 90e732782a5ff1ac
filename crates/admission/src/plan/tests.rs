use std::sync::Arc;

use ostiary_counters::Release;
use ostiary_policy::{
    CalendarUnit, Charge as PlannedCharge, DenialCode, PlannedLimit, RulePointer, Scope as PolicyScope,
    Window as PolicyWindow, WindowName,
};

use super::*;

const HOUR: PolicyWindow = PolicyWindow::Sliding { ms: 3_600_000 };

fn charge(name: &str, scope: PolicyScope, window: PolicyWindow) -> PlannedCharge {
    let counter = Arc::new(Counter { name: name.into(), scope, window });
    PlannedCharge { counter, bounds: None, count_micros: 1_000_000, amount_micros: 0 }
}

fn limit(charge: usize, max: u64, rule: &str) -> PlannedLimit {
    PlannedLimit {
        charge,
        max_micros: max * 1_000_000,
        rule: RulePointer::from(rule),
        on_deny: None,
        window: WindowName::Seconds(3_600),
    }
}

fn once(scope: PolicyScope) -> LimitPlan {
    LimitPlan { charges: vec![charge("calls", scope, HOUR)], limits: vec![limit(0, 1, "/all_tools/limits/0")] }
}

const CALL: Identity<'_> =
    Identity { account: &[1; 16], session: Some(b"s1"), grant: b"g1", policy: b"p1", server: b"a" };

fn fits(counters: &MemoryCounters, plan: &LimitPlan, identity: Identity<'_>) -> bool {
    take(counters, plan, &identity, 0, 1_000).is_ok()
}

#[test]
fn scope_adds_up_its_own_calls_only() {
    // For each scope: which change of the call leads to another counter.
    let other_grant = Identity { grant: b"g2", ..CALL };
    let other_session = Identity { session: Some(b"s2"), ..CALL };
    let other_policy = Identity { policy: b"p2", ..CALL };
    let other_server = Identity { server: b"b", ..CALL };
    let other_account = Identity { account: &[2; 16], ..CALL };
    let others = [other_session, other_grant, other_policy, other_server, other_account];
    for (scope, is_apart) in [
        (PolicyScope::Session, [true, false, false, true, true]),
        (PolicyScope::Grant, [false, true, false, true, true]),
        (PolicyScope::Policy, [false, false, true, true, true]),
        (PolicyScope::Server, [false, false, false, true, true]),
        (PolicyScope::Account, [false, false, false, false, true]),
    ] {
        for (other, is_apart) in others.into_iter().zip(is_apart) {
            let counters = MemoryCounters::new();
            assert!(fits(&counters, &once(scope), CALL));
            assert_eq!(fits(&counters, &once(scope), other), is_apart, "{scope:?} {other:?}");
        }
    }
}

#[test]
fn calls_without_a_session_share_one_bucket_for_each_grant() {
    let counters = MemoryCounters::new();
    let without = Identity { session: None, ..CALL };
    // A session that is called like a grant is not that grant's bucket.
    let like_grant = Identity { session: Some(b"g1"), ..CALL };
    assert!(fits(&counters, &once(PolicyScope::Session), without));
    assert!(!fits(&counters, &once(PolicyScope::Session), without));
    assert!(fits(&counters, &once(PolicyScope::Session), Identity { grant: b"g2", ..without }));
    assert!(fits(&counters, &once(PolicyScope::Session), like_grant));
}

#[test]
fn exceeded_limit_is_reported_in_the_order_of_the_plan() {
    let counters = MemoryCounters::new();
    let plan = LimitPlan {
        charges: vec![charge("a", PolicyScope::Grant, HOUR), charge("b", PolicyScope::Grant, HOUR)],
        limits: vec![
            limit(1, 9, "/tools/x/limits/0"),
            limit(0, 1, "/tools/x/limits/1"),
            limit(1, 1, "/tools/x/limits/2"),
        ],
    };
    assert!(take(&counters, &plan, &CALL, 0, 0).is_ok());
    let denial = take(&counters, &plan, &CALL, 1_000, 0).expect_err("both counters are full");
    assert_eq!(denial.code, DenialCode::LimitExceeded);
    assert_eq!(denial.rule, Some(RulePointer::from("/tools/x/limits/1")));
    assert_eq!(denial.retry_after_ms, Some(3_599_000));
}

#[test]
fn calendar_window_is_that_of_the_stores_clock() {
    let day = PolicyWindow::Calendar { unit: CalendarUnit::Day, zone: chrono_tz::UTC };
    let plan = LimitPlan {
        charges: vec![charge("daily", PolicyScope::Grant, day)],
        limits: vec![limit(0, 1, "/tools/x/limits/0")],
    };
    let counters = MemoryCounters::new();
    assert!(take(&counters, &plan, &CALL, 86_400_000, 0).is_ok());
    // A call that read its clock before midnight, and comes to the store after it.
    let denial = take(&counters, &plan, &CALL, 86_399_999, 0).expect_err("the new day is used up");
    assert_eq!(denial.code, DenialCode::LimitExceeded);
}

#[test]
fn concurrent_call_ends_with_its_lease_or_its_release() {
    let plan = LimitPlan {
        charges: vec![charge("flight", PolicyScope::Grant, PolicyWindow::Concurrent)],
        limits: vec![limit(0, 1, "/tools/x/limits/0")],
    };
    let counters = MemoryCounters::new();
    assert!(take(&counters, &plan, &CALL, 0, 10).is_ok());
    assert!(take(&counters, &plan, &CALL, 9, 10).is_err());
    let second = take(&counters, &plan, &CALL, 10, 10).expect("the lease has ended");
    counters.release(&second, Release::Nothing);
    assert!(take(&counters, &plan, &CALL, 10, 10).is_ok());
}

#[test]
fn plan_that_names_a_charge_it_does_not_have_is_refused() {
    let plan = LimitPlan { charges: Vec::new(), limits: vec![limit(0, 1, "/tools/x/limits/0")] };
    let denial = take(&MemoryCounters::new(), &plan, &CALL, 0, 0).expect_err("it cannot be judged");
    assert_eq!(denial.code, DenialCode::LimitsUnavailable);
}
