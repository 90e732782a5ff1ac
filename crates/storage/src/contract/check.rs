//! Expectations that read as one line.

/// The statement found the named constraint in its way.
macro_rules! assert_conflict {
    ($result:expr, $constraint:literal) => {
        match $result {
            Err($crate::StorageError::Conflict { constraint }) => assert_eq!(constraint, $constraint),
            other => panic!("expected a conflict with `{}`, got {other:?}", $constraint),
        }
    };
}

/// The statement found no row to write.
macro_rules! assert_not_found {
    ($result:expr) => {
        match $result {
            Err($crate::StorageError::NotFound) => {}
            other => panic!("expected that nothing is found, got {other:?}"),
        }
    };
}

/// The statement found that the row was changed meanwhile.
macro_rules! assert_stale {
    ($result:expr) => {
        match $result {
            Err($crate::StorageError::Stale) => {}
            other => panic!("expected a stale row, got {other:?}"),
        }
    };
}

/// One or more writes in a transaction of their own, which is committed when all are done.
macro_rules! written {
    ($backend:expr, $($call:ident($($argument:expr),* $(,)?)),+ $(,)?) => {{
        let mut tx = $backend.store.begin().await.expect("begin");
        $(tx.$call($($argument),*).await.expect(stringify!($call));)+
        tx.commit($crate::Unrecorded::Fixture.into()).await.expect("commit");
    }};
}

/// One write that fails; its transaction is dropped.
macro_rules! refused {
    ($backend:expr, $call:ident($($argument:expr),* $(,)?)) => {{
        let mut tx = $backend.store.begin().await.expect("begin");
        tx.$call($($argument),*).await
    }};
}
