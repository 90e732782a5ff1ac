//! A limit on waiting that holds although the database is frozen: its own limits do not count then.

use std::io;
use std::time::Duration;

/// Gives a statement only so much time.
pub(crate) trait Within<T>: Future<Output = Result<T, sqlx::Error>> + Sized {
    /// The statement's outcome, or the error of a broken connection when there is none in time.
    fn within(self, patience: Duration) -> impl Future<Output = Result<T, sqlx::Error>> + Send
    where
        Self: Send,
        T: Send,
    {
        async move {
            tokio::time::timeout(patience, self)
                .await
                .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the database does not answer").into()))
        }
    }
}

impl<T, F: Future<Output = Result<T, sqlx::Error>>> Within<T> for F {}
