//! Cases of audit events.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use ostiary_model::audit::{ActorKind, ObjectKind};
use ostiary_model::{AccountId, AuditAction, AuditActor, AuditEntry, AuditEvent, AuditHead, AuditObject, ServerId};

use super::Backend;
use super::fixture::{Tenant, after, at, first};
use crate::audit::{ChainError, VerifyError, verify};
use crate::{AuditFilter, Page, PageRequest, ReadAuditEvents, StorageError, Store};

fn entry(tenant: &Tenant, seconds: i64, action: AuditAction) -> AuditEntry {
    AuditEntry::new(tenant.id(), at(seconds), AuditActor::user(&tenant.owner), action, tenant.id())
        .before(&serde_json::json!({ "z": 1.50, "a": null }))
        .after(&serde_json::json!({ "name": "\u{0}é" }))
}

async fn write(backend: &Backend, entries: Vec<AuditEntry>) {
    let tx = backend.store.begin().await.expect("begin");
    tx.commit(entries.into()).await.expect("commit");
}

async fn list(backend: &Backend, tenant: &Tenant, filter: AuditFilter) -> Vec<i64> {
    let page = backend.store.list_audit_events(tenant.id(), &filter, first(100)).await.expect("list");
    page.items.iter().map(|event| event.number).collect()
}

/// Each has the next number, the hash of the one before, and every member as it was written.
pub async fn events_committed_follow_each_other(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut third = entry(&one, 3, AuditAction::ServerDeleted);
    (third.actor, third.before, third.after) = (AuditActor::system("sweep"), None, None);
    let entries = [entry(&one, 1, AuditAction::AccountCreated), entry(&one, 2, AuditAction::AccountUpdated), third];
    write(backend, entries[..2].to_vec()).await;
    write(backend, entries[2..].to_vec()).await;
    let events = backend.store.list_audit_chain(one.id(), 0, 9).await.expect("list");
    let found: Vec<AuditEntry> = events.iter().map(|event| event.entry.clone()).collect();
    assert_eq!(found, entries);
    assert_eq!(events.iter().map(|event| event.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(events[0].previous_hash, [0; 32]);
    assert_eq!((events[1].previous_hash, events[2].previous_hash), (events[0].hash, events[1].hash));
    let head = backend.store.get_audit_head(one.id()).await.expect("head");
    assert_eq!((head.number, head.hash), (3, events[2].hash));
    assert_eq!(verify(&*backend.store, one.id(), Some((2, events[1].hash))).await.expect("sound"), head);
}

/// They are part of the transaction.
pub async fn events_of_a_dropped_transaction_are_not_there(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let missing = Tenant { account: super::fixture::account("missing"), owner: one.owner.clone() };
    let mut tx = backend.store.begin().await.expect("begin");
    tx.create_server(&one.server("pay")).await.expect("create");
    let entries = vec![entry(&one, 1, AuditAction::ServerCreated), entry(&missing, 1, AuditAction::ServerCreated)];
    assert_not_found!(tx.commit(entries.into()).await);
    assert!(list(backend, &one, AuditFilter::default()).await.is_empty());
    assert!(backend.store.list_servers(one.id(), first(9)).await.expect("list").items.is_empty());
}

/// No two of them follow the same one.
pub async fn events_written_at_the_same_time_are_one_chain(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let writes = (0..24).map(|second| {
        let entries =
            vec![entry(&other, second, AuditAction::AccountUpdated), entry(&one, second, AuditAction::AccountUpdated)];
        write(backend, entries)
    });
    join_all(writes).await;
    for tenant in [&one, &other] {
        assert_eq!(verify(&*backend.store, tenant.id(), None).await.expect("sound").number, 24);
    }
    let heads = backend.store.list_audit_heads(first(1)).await.expect("heads");
    assert!(heads.has_more);
    let rest = backend.store.list_audit_heads(after(9, heads.items[0].account_id)).await.expect("heads");
    assert_eq!((rest.items.len(), rest.has_more), (1, false));
}

/// By number, which is the order of writing.
pub async fn events_are_listed_in_pages_the_newest_first(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    write(backend, (0..5).map(|second| entry(&one, 5 - second, AuditAction::AccountUpdated)).collect()).await;
    let page = backend.store.list_audit_events(one.id(), &AuditFilter::default(), first(2)).await.expect("list");
    assert_eq!(page.items.iter().map(|event| event.number).collect::<Vec<_>>(), [5, 4]);
    assert!(page.has_more);
    let page = backend.store.list_audit_events(one.id(), &AuditFilter::default(), after(9, 4)).await.expect("list");
    assert_eq!(page.items.iter().map(|event| event.number).collect::<Vec<_>>(), [3, 2, 1]);
    assert!(!page.has_more);
}

/// All that are given must fit.
pub async fn events_are_filtered_by_each_member(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = ServerId::generate();
    let mut by_system = entry(&one, 2, AuditAction::ServerUpdated);
    (by_system.actor, by_system.object) = (AuditActor::system("sweep"), server.into());
    let mut of_tool = entry(&one, 3, AuditAction::ToolAccepted);
    of_tool.object = AuditObject::tool(server, &"long/ü ".repeat(100));
    let tool_id = of_tool.object.id.clone();
    write(backend, vec![entry(&one, 1, AuditAction::AccountUpdated), by_system, of_tool]).await;
    let owner = one.owner.id.to_string();
    let filters = [
        (AuditFilter::default(), vec![3, 2, 1]),
        (AuditFilter { actor_kind: Some(ActorKind::System), ..AuditFilter::default() }, vec![2]),
        (AuditFilter { actor_id: Some(owner), ..AuditFilter::default() }, vec![3, 1]),
        (AuditFilter { action: Some(AuditAction::ServerUpdated), ..AuditFilter::default() }, vec![2]),
        (AuditFilter { object_kind: Some(ObjectKind::Tool), ..AuditFilter::default() }, vec![3]),
        (AuditFilter { object_id: Some(server.to_string()), ..AuditFilter::default() }, vec![2]),
        (AuditFilter { object_id: Some(tool_id), ..AuditFilter::default() }, vec![3]),
        (AuditFilter { object_id: Some("\0".to_owned()), ..AuditFilter::default() }, vec![]),
        (AuditFilter { since: Some(at(2)), ..AuditFilter::default() }, vec![3, 2]),
        (AuditFilter { until: Some(at(2)), ..AuditFilter::default() }, vec![1]),
    ];
    for (filter, expected) in filters {
        assert_eq!(list(backend, &one, filter.clone()).await, expected, "{filter:?}");
    }
}

/// A stranger finds nothing, and has a chain of their own.
pub async fn events_of_another_account_are_not_found(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    write(backend, vec![entry(&one, 1, AuditAction::AccountCreated)]).await;
    assert!(list(backend, &other, AuditFilter::default()).await.is_empty());
    assert!(backend.store.list_audit_chain(other.id(), 0, 9).await.expect("list").is_empty());
    assert_eq!(backend.store.get_audit_head(other.id()).await.expect("head"), AuditHead::start(other.id()));
    write(backend, vec![entry(&other, 1, AuditAction::AccountCreated)]).await;
    assert_eq!(list(backend, &other, AuditFilter::default()).await, [1]);
}

/// Wherever the chain is broken, checking it says so.
pub async fn events_altered_or_removed_are_found_out(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    write(backend, (0..4).map(|second| entry(&one, second, AuditAction::AccountUpdated)).collect()).await;
    let head = backend.store.get_audit_head(one.id()).await.expect("head");
    let check = async |tamper: fn(&mut Vec<AuditEvent>), anchor| {
        let tampered = Tampered { store: Arc::clone(&backend.store), tamper };
        match verify(&tampered, one.id(), anchor).await {
            Ok(_) => None,
            Err(VerifyError::Chain(error)) => Some(error),
            Err(VerifyError::Storage(error)) => panic!("{error}"),
        }
    };
    assert_eq!(check(|_| {}, None).await, None);
    let altered = check(|events| events.iter_mut().for_each(|event| event.entry.actor.name.push('x')), None).await;
    assert_eq!(altered, Some(ChainError::Altered { number: 1 }));
    let removed = check(|events| events.retain(|event| event.number != 2), None).await;
    assert_eq!(removed, Some(ChainError::Removed { number: 2 }));
    let cut = check(|events| events.retain(|event| event.number < 4), None).await;
    assert_eq!(cut, Some(ChainError::Removed { number: 4 }));
    assert_eq!(check(|_| {}, Some((4, head.hash))).await, None);
    assert_eq!(check(|_| {}, Some((3, head.hash))).await, Some(ChainError::Anchor { number: 3 }));
    assert_eq!(check(|_| {}, Some((9, head.hash))).await, Some(ChainError::Removed { number: 9 }));
}

/// A store whose events somebody laid hands on.
struct Tampered {
    store: Arc<dyn Store>,
    tamper: fn(&mut Vec<AuditEvent>),
}

#[async_trait]
impl ReadAuditEvents for Tampered {
    async fn list_audit_events(
        &self,
        account_id: AccountId,
        filter: &AuditFilter,
        page: PageRequest<i64>,
    ) -> Result<Page<AuditEvent>, StorageError> {
        self.store.list_audit_events(account_id, filter, page).await
    }

    async fn list_audit_chain(
        &self,
        account_id: AccountId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StorageError> {
        let mut events = self.store.list_audit_chain(account_id, after, limit).await?;
        (self.tamper)(&mut events);
        Ok(events)
    }

    async fn get_audit_head(&self, account_id: AccountId) -> Result<AuditHead, StorageError> {
        self.store.get_audit_head(account_id).await
    }

    async fn list_audit_heads(&self, page: PageRequest<AccountId>) -> Result<Page<AuditHead>, StorageError> {
        self.store.list_audit_heads(page).await
    }
}
