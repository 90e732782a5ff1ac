//! Cases of plans: whose account has which, and what they count.

use ostiary_model::{AccountId, Email, Holdings, Invitation, InvitationId, PlanName, Role};

use super::Backend;
use super::fixture::{Tenant, account, at, first, hash, record, user};
use crate::{DecisionFilter, StorageError, Unrecorded};

fn plan(text: &str) -> PlanName {
    PlanName::parse(text).expect("a name")
}

fn invitation(tenant: &Tenant, local: &str, expires_in: i64) -> Invitation {
    Invitation {
        id: InvitationId::generate(),
        account_id: tenant.id(),
        email: Email::parse(&format!("{local}@example.com")).expect("an address"),
        role: Role::Viewer,
        is_mailed: false,
        created_by: tenant.owner.id.to_string(),
        created_at: at(0),
        expires_at: at(expires_in),
    }
}

/// From its beginning, and when it is changed.
pub async fn account_has_the_plan_it_was_given(backend: &Backend) {
    let (mut one, other) = (account("one"), account("other"));
    one.plan = plan("team");
    written!(backend, create_account(&one), create_account(&other));
    assert_eq!(backend.store.get_account(one.id).await.expect("get"), Some(one.clone()));
    written!(backend, set_account_plan(one.id, &plan("large"), at(9)));
    let found = backend.store.get_account(one.id).await.expect("get").expect("an account");
    assert_eq!((found.plan, found.updated_at), (plan("large"), at(9)));
    assert_not_found!(refused!(backend, set_account_plan(AccountId::generate(), &plan("large"), at(9))));

    let mut all = vec![(one.id, plan("large")), (other.id, PlanName::standard())];
    all.sort();
    assert_eq!(backend.store.list_account_plans(None, 9).await.expect("list"), all);
    assert_eq!(backend.store.list_account_plans(None, 1).await.expect("list"), all[..1]);
    assert_eq!(backend.store.list_account_plans(Some(all[0].0), 9).await.expect("list"), all[1..]);
}

/// What decides calls is read at one moment.
pub async fn snapshot_says_the_plan_of_its_account(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    one.create_grant(backend, Vec::new(), hash(1)).await;
    written!(backend, set_account_plan(one.id(), &plan("large"), at(9)));
    let found = backend.store.find_snapshot_by_token(&hash(1)).await.expect("find").expect("a snapshot");
    assert_eq!(found.plan, plan("large"));
}

/// Revoked grants and expired invitations do not count; nor does what others have.
pub async fn holdings_are_counted_by_account(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    one.create_server(backend, "pay").await;
    other.create_server(backend, "pay").await;
    let revoked = one.create_grant(backend, Vec::new(), hash(1)).await;
    one.create_grant(backend, Vec::new(), hash(2)).await;
    other.create_grant(backend, Vec::new(), hash(3)).await;
    written!(
        backend,
        revoke_grant(one.id(), revoked.id, at(3)),
        create_member(one.id(), other.owner.id, Role::Viewer, at(0)),
        create_invitation(&invitation(&one, "ann", 50), &hash(4)),
        create_invitation(&invitation(&one, "bob", 10), &hash(5)),
    );
    let holdings = async |id| backend.store.count_holdings(id, at(10)).await.expect("count");
    assert_eq!(holdings(one.id()).await, Holdings { servers: 1, grants: 1, members: 2, invitations: 1 });
    assert_eq!(holdings(other.id()).await, Holdings { servers: 1, grants: 1, members: 1, invitations: 0 });
    assert_eq!(holdings(AccountId::generate()).await, Holdings::default());
}

/// No more is looked at than the plan asks for.
pub async fn holdings_are_counted_up_to_a_bound(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    for (number, slug) in [(1, "a"), (2, "b"), (3, "c")] {
        one.create_server(backend, slug).await;
        one.create_grant(backend, Vec::new(), hash(number)).await;
    }
    let ann = invitation(&one, "ann", 50);
    written!(
        backend,
        create_invitation(&ann, &hash(4)),
        create_invitation(&invitation(&one, "bob", 50), &hash(5)),
        create_invitation(&invitation(&one, "eve", 5), &hash(6)),
    );
    let mut tx = backend.store.begin().await.expect("begin");
    for (most, expected) in [(0, 0), (2, 2), (9, 3)] {
        assert_eq!(tx.count_servers(one.id(), most).await.expect("count"), expected);
        assert_eq!(tx.count_grants(one.id(), most).await.expect("count"), expected);
        assert_eq!(tx.count_servers(AccountId::generate(), most).await.expect("count"), 0);
    }
    assert_eq!(tx.count_members(one.id(), 9).await.expect("count"), 1);
    let nobody = Email::parse("nobody@example.com").expect("an address");
    assert_eq!(tx.count_invitations(one.id(), at(5), &nobody, 9).await.expect("count"), 2);
    assert_eq!(tx.count_invitations(one.id(), at(5), &nobody, 1).await.expect("count"), 1);
    assert_eq!(tx.count_invitations(one.id(), at(5), &ann.email, 9).await.expect("count"), 1);
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
}

/// Who counts under the hold, and adds while there is room, never goes over.
pub async fn account_held_is_added_to_by_one_at_a_time(backend: &Backend) {
    const MOST: u64 = 3;
    let one = Tenant::create(backend, "one").await;
    let slugs: Vec<String> = (0..10).map(|number| format!("server-{number}")).collect();
    let added = slugs.iter().map(|slug| {
        let one = &one;
        async move {
            let mut tx = backend.store.begin().await?;
            assert!(tx.lock_account(one.id()).await?.is_some());
            if tx.count_servers(one.id(), 9).await? >= MOST {
                return Ok::<_, StorageError>(false);
            }
            tx.create_server(&one.server(slug)).await?;
            tx.commit(Unrecorded::Fixture.into()).await?;
            Ok(true)
        }
    });
    let added = futures_util::future::try_join_all(added).await.expect("all answer");
    assert_eq!(added.iter().filter(|added| **added).count(), 3);
    assert_eq!(backend.store.count_holdings(one.id(), at(0)).await.expect("count").servers, MOST);
}

/// A few at a time, and only those of the account.
pub async fn decisions_before_a_time_are_deleted_the_oldest_first(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(backend, create_user(&user("somebody")));
    let of = |tenant: &Tenant| [4, 1, 3, 2].map(|second| tenant.decision(at(second))).to_vec();
    record(backend, of(&one)).await;
    record(backend, of(&other)).await;
    let times = async |tenant: &Tenant| {
        let found = backend.store.list_decisions(tenant.id(), &DecisionFilter::default(), first(9)).await;
        found.expect("list").items.iter().map(|decision| decision.time).collect::<Vec<_>>()
    };
    for (limit, expected, left) in [(1, 1, 3), (9, 1, 2), (9, 0, 2)] {
        let mut tx = backend.store.begin().await.expect("begin");
        assert_eq!(tx.delete_decisions_before(one.id(), at(3), limit).await.expect("delete"), expected);
        tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
        assert_eq!(times(&one).await.len(), left);
    }
    assert_eq!(times(&one).await, [at(4), at(3)]);
    assert_eq!(times(&other).await.len(), 4);
}
