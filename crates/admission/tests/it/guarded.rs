//! A Redis that is talked to over TLS by a user who may do no more than is needed.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use ostiary_admission::contract::bed::calls;
use ostiary_admission::contract::{Bed, MemoryLog, Subject as _};
use ostiary_admission::redis::{Concern, UnfitError};
use ostiary_admission::{Epochs, RedisEpochs, RedisLink};
use ostiary_testkit::{TestAuthority, TestRedis};

use crate::subject::{RedisSubject, config};

const WAIT: Duration = Duration::from_secs(10);

fn epochs(link: RedisLink, prefix: &str) -> Arc<RedisEpochs> {
    Arc::new(RedisEpochs::new(Arc::new(link), prefix, 16, Arc::new(Epochs::new())))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_with_tls_and_a_user_takes_and_moves_everything() {
    let (authority, prefix) = (TestAuthority::new(), TestRedis::prefix());
    let Some(redis) = TestRedis::guarded(&authority, &prefix) else { return };
    takes_and_moves_everything(redis, &authority, &prefix).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cluster_with_tls_and_a_user_takes_and_moves_everything() {
    let (authority, prefix) = (TestAuthority::new(), TestRedis::prefix());
    let Some(redis) = TestRedis::guarded_cluster(&authority, &prefix) else { return };
    takes_and_moves_everything(redis, &authority, &prefix).await;
}

async fn takes_and_moves_everything(redis: TestRedis, authority: &TestAuthority, prefix: &str) {
    let trusted = fs::read(authority.root()).expect("the certificate");
    let link = RedisLink::open_trusting(redis.url(), Some(trusted), WAIT).expect("an address");
    assert_eq!(link.inspect().await.expect("Redis is there"), Ok(Vec::new()));
    let subject = RedisSubject::linked(redis, epochs(link, prefix), MemoryLog::new(), config());
    let (bed, plan) = (Bed::new(&subject), calls("a", 3));
    for _ in 0..3 {
        drop(bed.take(&plan).await);
    }
    bed.refuse(&plan).await;
    subject.advance(bed.account_id).await;
    assert_eq!(subject.records().await.len(), 4);
}

#[tokio::test]
async fn redis_whose_authority_is_not_trusted_or_whose_password_is_wrong_is_not_used() {
    let (authority, prefix) = (TestAuthority::new(), TestRedis::prefix());
    let Some(redis) = TestRedis::guarded(&authority, &prefix) else { return };
    let other = fs::read(TestAuthority::new().root()).expect("the certificate");
    let trusted = fs::read(authority.root()).expect("the certificate");
    let wrong = redis.url().replace(":guarded@", ":other@");
    for (url, trusted) in [(redis.url(), None), (redis.url(), Some(other)), (&wrong, Some(trusted))] {
        let link = RedisLink::open_trusting(url, trusted, WAIT).expect("an address");
        let error = epochs(link, &prefix).ping().await.expect_err("not believed");
        let text = format!("{error} {error:?}");
        assert!(!text.contains("guarded") && !text.contains(":other"), "{text}");
    }
}

#[tokio::test]
async fn certificates_without_tls_are_refused() {
    let link = RedisLink::open_trusting("redis://localhost/", Some(Vec::new()), WAIT);
    assert!(link.expect_err("of no use").to_string().contains("none of TLS"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_loses_what_it_is_given_is_told_apart() {
    let evicting = ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"];
    let Some(redis) = TestRedis::with(&evicting) else { return };
    let inspect = async |redis: &TestRedis| {
        RedisLink::open(redis.url(), WAIT).expect("an address").inspect().await.expect("Redis is there")
    };
    assert_eq!(inspect(&redis).await, Err(UnfitError::Evicts { policy: "allkeys-lru".to_owned() }));
    let Some(redis) = TestRedis::with(&["--appendonly", "no"]) else { return };
    assert_eq!(inspect(&redis).await, Ok(vec![Concern::NotOnDisk]));
    let Some(redis) = TestRedis::cluster() else { return };
    assert_eq!(inspect(&redis).await, Ok(Vec::new()));
}

/// Two installations may share one Redis: their names differ.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prefix_keeps_two_installations_apart() {
    let Some(redis) = TestRedis::own() else { return };
    let mut subjects = Vec::new();
    let url = redis.url().to_owned();
    let first = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), config());
    let link = RedisLink::open(&url, WAIT).expect("an address");
    subjects.push(epochs(link, &TestRedis::prefix()));
    let (bed, plan) = (Bed::new(&first), calls("a", 1));
    drop(bed.take(&plan).await);
    // The other does not change what this one knows.
    subjects[0].advance(bed.account_id).await.expect("Redis is there");
    bed.refuse(&plan).await;
    assert_eq!(first.records().await.len(), 2);
}
