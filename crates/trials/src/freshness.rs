//! Acknowledged means enforced: changes of every kind in a loop, while agents call at every proxy.
//!
//! Each kind of change is a line of its own, of states that are numbered; an answer says which state decided it. All
//! lines are in one account, so that every change makes every proxy read everything again.

pub mod judge;
mod line;
mod once;

use std::path::Path;
use std::time::Duration;

use ostiary_testkit::Tenant;

use crate::Figures;
use crate::freshness::judge::Judged;
use crate::freshness::once::Once;
use crate::installation::{Installation, Shape};
use crate::load::Course;
use crate::upstream::Upstream;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Of `ostiary proxy`.
    pub proxies: usize,
    /// Connections of each line at each proxy.
    pub connections: usize,
    /// Changes of each line.
    pub changes: u64,
}

impl Size {
    /// The figures of the promise.
    #[must_use]
    pub const fn long() -> Self {
        Self { proxies: 4, connections: 3, changes: 150 }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self { proxies: 2, connections: 2, changes: 6 }
    }
}

/// What every line is given.
#[derive(Clone, Debug)]
struct Stage {
    tenant: Tenant,
    upstream_url: String,
    server: String,
    proxies: Vec<std::net::SocketAddr>,
    course: Course,
    size: Size,
}

/// Runs the trial; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    // Two APIs: what one acknowledges, the other has not heard of.
    let shape = Shape { apis: 2, proxies: size.proxies };
    let Some(installation) = Installation::start(program, shape).await? else { return Ok(None) };
    let course = Course::begin();
    let upstream = Upstream::start(course.began, &["look"], Duration::ZERO).await?;
    let tenant = Tenant::sign_up(&installation.base(0), "acme").await;
    let server = tenant.server("shop", &upstream.url()).await;
    let stage = Stage {
        tenant,
        upstream_url: upstream.url(),
        server,
        proxies: installation.proxies(),
        course: course.clone(),
        size,
    };
    let other = Stage { tenant: stage.tenant.at(&installation.base(1)), ..stage.clone() };

    let (edits, rebindings, revocations, expiries, deletions) = tokio::join!(
        line::edits(&stage),
        line::rebindings(&other),
        once::run(&stage, Once::Revocation),
        once::run(&other, Once::Expiry),
        once::run(&stage, Once::Deletion),
    );
    let mut figures = Figures::of("freshness");
    figures.add("proxies", size.proxies);
    figures.add("connections at each", size.connections * 5);
    figures.add("changes of each line", size.changes);
    figures.add("seconds", format!("{:.1}", course.began.elapsed().as_secs_f64()));
    let mut all = Judged::default();
    for (name, judged) in [
        ("edits of a policy (calls and lists)", edits?),
        ("rebindings of a grant", rebindings?),
        ("revocations of a grant", revocations?),
        ("expiries of a grant", expiries?),
        ("deletions of a server", deletions?),
    ] {
        figures.add(
            format!("calls under {name}"),
            format!("{}, {} of them within one state", judged.calls, judged.within_one),
        );
        figures.check(judged.within_one > 0, || format!("no call lay within one state of {name}"));
        all.add(judged);
    }
    figures.add("calls decided by a state that was no more", all.wrong.len());
    figures.broken.extend(all.wrong);
    Ok(Some(figures))
}
