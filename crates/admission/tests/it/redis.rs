//! The contract, for Redis as one server and as a cluster.

mod single {
    use std::future::ready;

    use ostiary_admission::admission_contract;
    use ostiary_testkit::TestRedis;

    use crate::subject::RedisSubject;

    admission_contract!(ready(RedisSubject::start(TestRedis::single())));
}

mod cluster {
    use std::future::ready;

    use ostiary_admission::admission_contract;
    use ostiary_testkit::TestRedis;

    use crate::subject::RedisSubject;

    admission_contract!(ready(RedisSubject::start(TestRedis::cluster())));
}

mod mailbox {
    use std::sync::Arc;
    use std::time::Duration;

    use ostiary_admission::{RedisMailbox, Shared};
    use ostiary_model::AccountId;
    use ostiary_testkit::{TestRedis, wait_until};

    use crate::subject::RedisSubject;

    const KEEP: Duration = Duration::from_secs(30);

    async fn text_is_taken_once_by_its_account(redis: Option<TestRedis>) {
        let Some(subject) = RedisSubject::start(redis) else { return };
        let mailbox = RedisMailbox::new(Arc::clone(subject.admission.epochs()));
        let (one, other) = (AccountId::generate(), AccountId::generate());
        mailbox.leave(one, "a", "for a", KEEP).await.expect("left");
        mailbox.leave(one, "b", "old", KEEP).await.expect("left");
        mailbox.leave(one, "b", "for b", KEEP).await.expect("left");
        let names = ["a", "nothing", "b"].map(str::to_owned);
        assert_eq!(mailbox.take(other, &names).await.expect("taken"), [None, None, None]);
        assert_eq!(mailbox.look(one, "a").await.expect("looked").as_deref(), Some("for a"));
        let taken = mailbox.take(one, &names).await.expect("taken");
        assert_eq!(taken, [Some("for a".to_owned()), None, Some("for b".to_owned())]);
        assert_eq!(mailbox.take(one, &names).await.expect("taken"), [None, None, None]);
        assert_eq!(mailbox.look(one, "a").await.expect("looked"), None);
        mailbox.leave(one, "a", "soon gone", Duration::from_millis(20)).await.expect("left");
        wait_until("it is gone", async || mailbox.look(one, "a").await.expect("looked").is_none().then_some(())).await;
    }

    async fn session_is_shared_until_the_last_process_lets_go(redis: Option<TestRedis>) {
        let Some(subject) = RedisSubject::start(redis) else { return };
        let [here, there] = [(); 2].map(|()| RedisMailbox::new(Arc::clone(subject.admission.epochs())));
        let account_id = AccountId::generate();
        assert_eq!(here.shared(account_id, "s", KEEP).await.expect("read"), Shared::default());
        assert_eq!(here.share(account_id, "s", "first", KEEP).await.expect("shared"), "first");
        assert_eq!(there.share(account_id, "s", "second", KEEP).await.expect("shared"), "first");
        for (key, text) in [("a", Some("1")), ("b", Some("2")), ("c", Some("3")), ("a", Some("4")), ("b", None)] {
            here.note(account_id, "s", key, text, 2, KEEP).await.expect("noted");
        }
        let shared = Shared { text: Some("first".to_owned()), notes: vec!["4".to_owned()] };
        assert_eq!(there.shared(account_id, "s", KEEP).await.expect("read"), shared);
        let names = ["s", "nothing"].map(str::to_owned);
        assert_eq!(here.is_shared(account_id, &names).await.expect("asked"), [true, false]);
        assert!(!here.unshare(account_id, "s", "first", true).await.expect("asked"), "the other used it last");
        assert!(!there.unshare(account_id, "s", "second", false).await.expect("asked"), "it is another");
        assert!(there.unshare(account_id, "s", "first", true).await.expect("asked"));
        assert!(!there.unshare(account_id, "s", "first", true).await.expect("asked"), "it is gone");
        assert_eq!(here.shared(account_id, "s", KEEP).await.expect("read"), Shared { text: None, ..shared });
        assert_eq!(here.is_shared(account_id, &names).await.expect("asked"), [false, false]);
    }

    #[tokio::test]
    async fn text_that_is_shared_at_one_server_is_taken_back_by_whoever_used_it_last() {
        session_is_shared_until_the_last_process_lets_go(TestRedis::single()).await;
    }

    #[tokio::test]
    async fn text_that_is_shared_in_a_cluster_is_taken_back_by_whoever_used_it_last() {
        session_is_shared_until_the_last_process_lets_go(TestRedis::cluster()).await;
    }

    #[tokio::test]
    async fn text_that_is_left_at_one_server_is_taken_once_by_its_account() {
        text_is_taken_once_by_its_account(TestRedis::single()).await;
    }

    #[tokio::test]
    async fn text_that_is_left_in_a_cluster_is_taken_once_by_its_account() {
        text_is_taken_once_by_its_account(TestRedis::cluster()).await;
    }
}
