//! Memory and Redis agree: the same calls at the same times have the same outcomes, to the millisecond and the millionth.

use std::sync::Arc;
use std::time::Duration;

use ostiary_admission::contract::bed::calls;
use ostiary_admission::contract::{Bed, MemoryLog, Subject as _};
use ostiary_admission::redis::carry;
use ostiary_admission::{AdmitOutcome, Identity, InFlight, RedisConfig, Release, plan};
use ostiary_counters::{MemoryCounters, Reservation};
use ostiary_model::AccountId;
use ostiary_policy::{
    CalendarUnit, Charge, Concurrent, Counter, DenialCode, LimitPlan, PlannedLimit, RulePointer, Scope, Window,
    WindowName,
};
use ostiary_storage::StoredSlot;
use ostiary_testkit::TestRedis;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::subject::{RedisSubject, epochs};

/// Longer than any sequence.
const LEASE_MS: u64 = 3_600_000;

/// What a call adds to a counter, and the most that it may hold, in quarters of a call.
#[derive(Clone, Debug)]
struct Wanted {
    counter: usize,
    is_counted: bool,
    amount: u64,
    maxima: Vec<u64>,
}

#[derive(Clone, Debug)]
struct Step {
    wait_ms: i64,
    wanted: Vec<Wanted>,
    ends: Option<(prop::sample::Index, Release)>,
}

fn windows() -> Vec<Window> {
    vec![
        Window::Sliding { ms: 1_000 },
        Window::Sliding { ms: 61 },
        Window::Calendar { unit: CalendarUnit::Second, zone: chrono_tz::UTC },
        Window::Calendar { unit: CalendarUnit::Minute, zone: chrono_tz::UTC },
        Window::Concurrent,
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wanted = (any::<bool>(), 0..=5_u64, vec(0..=24_u64, 1..3));
    let wanted = prop::collection::btree_map(0..windows().len(), wanted, 1..4);
    let wanted = wanted.prop_map(|all| {
        let all = all.into_iter();
        all.map(|(counter, (is_counted, amount, maxima))| Wanted { counter, is_counted, amount, maxima }).collect()
    });
    let release = prop_oneof![Just(Release::Everything), Just(Release::Amounts), Just(Release::Nothing)];
    let ends = prop::option::weighted(0.4, (any::<prop::sample::Index>(), release));
    let wait_ms = prop_oneof![4 => 0..=40_i64, 2 => 0..=400_i64, 1 => 900..=1_100_i64];
    vec((wait_ms, wanted, ends).prop_map(|(wait_ms, wanted, ends)| Step { wait_ms, wanted, ends }), 1..50)
}

fn plan_of(wanted: &[Wanted]) -> LimitPlan {
    let (mut plan, windows) = (LimitPlan::default(), windows());
    for (charge, one) in wanted.iter().enumerate() {
        let window = windows[one.counter].clone();
        let is_concurrent = window == Window::Concurrent;
        let counter = Counter { name: format!("c{}", one.counter).into(), scope: Scope::Grant, window };
        plan.charges.push(Charge {
            counter: Arc::new(counter),
            bounds: None,
            count_micros: if one.is_counted || is_concurrent { 1_000_000 } else { 0 },
            amount_micros: if is_concurrent { 0 } else { one.amount * 250_000 },
        });
        for max in &one.maxima {
            plan.limits.push(PlannedLimit {
                charge,
                max_micros: max * 250_000,
                rule: RulePointer::from(format!("/tools/t/limits/{}", plan.limits.len()).as_str()),
                on_deny: None,
                window: if is_concurrent {
                    WindowName::Concurrent(Concurrent::Concurrent)
                } else {
                    WindowName::Seconds(1)
                },
            });
        }
    }
    plan
}

async fn agree(subject: &RedisSubject, steps: Vec<Step>) {
    let (bed, counters) = (Bed::new(subject), MemoryCounters::new());
    let ids = bed.decision();
    let identity = Identity {
        account: ids.account_id.as_uuid().as_bytes(),
        session: None,
        grant: ids.grant_id.as_uuid().as_bytes(),
        policy: b"p",
        server: ids.server_id.as_uuid().as_bytes(),
    };
    let mut held: Vec<(Option<InFlight>, Reservation)> = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        let now_ms = subject.pass(step.wait_ms);
        let plan = plan_of(&step.wanted);
        let in_redis = match bed.admit_record(&plan, bed.decision(), None).await {
            AdmitOutcome::Admitted(permit) => Ok(permit.send()),
            AdmitOutcome::Denied(denial) => Err(denial),
            other => panic!("{other:?}"),
        };
        let in_memory = plan::take(&counters, &plan, &identity, now_ms, LEASE_MS);
        match (in_redis, in_memory) {
            (Ok(in_flight), Ok(reservation)) => held.push((Some(in_flight), reservation)),
            (Err(in_redis), Err(in_memory)) => assert_eq!(in_redis, in_memory, "step {number}"),
            (Ok(_), Err(in_memory)) => panic!("step {number}: Redis admits: {in_memory:?}"),
            (Err(in_redis), Ok(_)) => panic!("step {number}: memory admits: {in_redis:?}"),
        }
        if let Some((index, release)) = step.ends
            && !held.is_empty()
        {
            let at = index.index(held.len());
            if let Some(in_flight) = held[at].0.take() {
                in_flight.settle(release, None);
                subject.quiet().await;
            }
            counters.release(&held[at].1, release);
        }
    }
}

#[test]
fn memory_and_redis_agree() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _guard = runtime.enter();
    let Some(redis) = TestRedis::single() else { return };
    let config = RedisConfig { lease: Duration::from_millis(LEASE_MS), ..RedisConfig::default() };
    let subject = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), config);
    subject.pass(0);
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(agree(&subject, steps));
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
}

/// Slots that a process kept are worth the same in Redis: what was used is used, and comes back when it would have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counters_carried_to_redis_go_on_where_they_were() {
    let Some(redis) = TestRedis::single() else { return };
    let subject = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), RedisConfig::default());
    subject.pass(0);
    let bed = Bed::new(&subject);
    let ids = bed.decision();
    let policy_id = ids.policy_id.expect("a policy");
    let identity = Identity {
        account: ids.account_id.as_uuid().as_bytes(),
        session: None,
        grant: ids.grant_id.as_uuid().as_bytes(),
        policy: policy_id.as_uuid().as_bytes(),
        server: ids.server_id.as_uuid().as_bytes(),
    };
    let (counters, plan) = (MemoryCounters::new(), calls("a", 5));
    let mut now_ms = 0;
    for _ in 0..3 {
        plan::take(&counters, &plan, &identity, now_ms, LEASE_MS).expect("room");
        now_ms = subject.pass(10_000);
    }
    let stored = counters.snapshot().into_iter().map(|slot| StoredSlot {
        account_id: ids.account_id,
        key: slot.key.to_string(),
        slot: slot.slot,
        amount_micros: i64::try_from(slot.amount_micros).expect("an amount"),
        last_ms: slot.last_ms,
        expires_ms: slot.expires_ms,
    });
    let slots: Vec<StoredSlot> = stored.collect();
    let carry = async || carry(subject.admission.epochs(), &slots, now_ms).await.expect("Redis is there");
    assert_eq!((carry().await, carry().await), (1, 0));
    for _ in 0..2 {
        drop(bed.take(&plan).await);
    }
    bed.refuse(&plan).await;
    // A minute after the first, its place is free again, and no other.
    subject.pass(30_000);
    drop(bed.take(&plan).await);
    bed.refuse(&plan).await;
}

/// A Redis that is new has lost nothing when everything was carried to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_judged_at_once_after_counters_were_carried() {
    let Some(redis) = TestRedis::own() else { return };
    for is_carried in [false, true] {
        let epochs = epochs(redis.url(), &TestRedis::prefix());
        let account_id = AccountId::generate();
        // An hour after the account was made, whose window of a minute Redis has not seen.
        let made_ms = i64::try_from(account_id.as_uuid().as_u128() >> 80).expect("a time");
        epochs.set_now_ms(made_ms + 3_600_000);
        if is_carried {
            assert_eq!(carry(&epochs, &[], made_ms).await.expect("Redis is there"), 0);
        }
        let redis = TestRedis::at(redis.url().to_owned());
        let subject = RedisSubject::linked(redis, epochs, MemoryLog::new(), RedisConfig::default());
        let mut bed = Bed::new(&subject);
        bed.account_id = account_id;
        match bed.admit_record(&calls("a", 5), bed.decision(), None).await {
            AdmitOutcome::Admitted(permit) => {
                drop(permit.send());
                assert!(is_carried);
            }
            AdmitOutcome::Denied(denial) => {
                assert_eq!((denial.code, is_carried), (DenialCode::LimitsUnavailable, false));
            }
            other => panic!("{other:?}"),
        }
    }
}
