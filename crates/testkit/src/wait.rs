//! Waiting for something that will be so.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long a test waits for what should happen at once; long, because machines that run tests are busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again and again until the answer is there.
///
/// # Panics
///
/// When there is none within [`PATIENCE`].
pub async fn wait_until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        sleep(Duration::from_millis(10)).await;
    }
}
