//! Cases of what is sealed.

use ostiary_model::{ServerId, UpstreamAuth};

use super::Backend;
use super::fixture::{Tenant, at, hash};
use crate::{ClaimTimes, ClaimedKey, IdempotencyKey, SealedKind, SealedPlace, SealedValue, Unrecorded};

async fn all(backend: &Backend, kind: SealedKind) -> Vec<SealedValue> {
    let mut found: Vec<SealedValue> = Vec::new();
    loop {
        let after = found.last().map(|last| &last.place);
        let page = backend.store.list_sealed(kind, after, 2).await.expect("list");
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

async fn reseal(backend: &Backend, before: &SealedValue, sealed: &[u8]) -> bool {
    let mut tx = backend.store.begin().await.expect("begin");
    let done = tx.reseal(before, sealed).await.expect("reseal");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    done
}

/// Each is found once, and replaced unless it was changed meanwhile.
pub async fn sealed_values_of_all_accounts_are_found_and_replaced_once(backend: &Backend) {
    let (acme, other) = (Tenant::create(backend, "acme").await, Tenant::create(backend, "other").await);
    let mut places: Vec<(ServerId, Vec<u8>)> = Vec::new();
    for (index, tenant) in [&acme, &acme, &other].into_iter().enumerate() {
        let sealed = vec![u8::try_from(index).expect("small"); 8];
        let mut server = tenant.server(&format!("server-{index}"));
        server.auth = UpstreamAuth::Headers { names: vec!["x-key".to_owned()], sealed: sealed.clone() };
        written!(backend, create_server(&server));
        places.push((server.id, sealed));
    }
    let mut open = acme.server("open");
    open.auth = UpstreamAuth::None;
    written!(backend, create_server(&open));
    let found = all(backend, SealedKind::Credentials).await;
    assert_eq!(found.len(), 3);
    for (id, sealed) in &places {
        let is_it = |value: &&SealedValue| matches!(value.place, SealedPlace::Credentials(_, found) if found == *id);
        let value = found.iter().find(is_it).expect("found");
        assert_eq!(&value.sealed, sealed);
        assert!(reseal(backend, value, b"new").await);
        assert!(!reseal(backend, value, b"newer").await);
    }
    assert!(all(backend, SealedKind::Credentials).await.iter().all(|value| value.sealed == b"new"));

    written!(backend, put_totp(acme.owner.id, b"one"), put_totp(other.owner.id, b"two"));
    let found = all(backend, SealedKind::TotpSecret).await;
    assert_eq!(found.len(), 2);
    assert!(reseal(backend, &found[0], b"new").await && !reseal(backend, &found[0], b"newer").await);

    for seed in 1..=3 {
        let key = IdempotencyKey {
            account_id: acme.id(),
            caller: "usr_x".to_owned(),
            key_hash: hash(seed),
            request_hash: hash(9),
        };
        let mut tx = backend.store.begin().await.expect("begin");
        let times = ClaimTimes { now: at(0), gone_since: at(-1), expires_at: at(9) };
        tx.claim_idempotency_key(&key, times).await.expect("claim");
        if seed < 3 {
            tx.answer_idempotency_key(&ClaimedKey { key, number: 1 }, b"answer").await.expect("answer");
        }
        tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    }
    let found = all(backend, SealedKind::Answer).await;
    assert_eq!(found.len(), 2);
    assert!(reseal(backend, &found[1], b"new").await && !reseal(backend, &found[1], b"newer").await);
}
