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
