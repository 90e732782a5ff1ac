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

    use ostiary_admission::RedisMailbox;
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

    #[tokio::test]
    async fn text_that_is_left_at_one_server_is_taken_once_by_its_account() {
        text_is_taken_once_by_its_account(TestRedis::single()).await;
    }

    #[tokio::test]
    async fn text_that_is_left_in_a_cluster_is_taken_once_by_its_account() {
        text_is_taken_once_by_its_account(TestRedis::cluster()).await;
    }
}
