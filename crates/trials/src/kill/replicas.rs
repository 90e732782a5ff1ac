//! The services apart: gateways, APIs, and with them whoever moves records, and Redis and PostgreSQL, too.

use std::path::Path;
use std::time::Duration;

use ostiary_testkit::{Tenant, TestPostgres, TestRedis, wait_until};
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Figures;
use crate::installation::{Installation, Service, Shape, agent, pass};
use crate::kill::audit::{ROWS, Row, audit};
use crate::kill::{Dice, Size, TOOLS, document, traffic};
use crate::load::Course;
use crate::upstream::Upstream;

pub(super) async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    let Some(postgres) = TestPostgres::own().await else { return Ok(None) };
    let Some(redis) = TestRedis::own() else { return Ok(None) };
    let urls = (postgres.url().to_owned(), redis.url().to_owned());
    let variables = [("OSTIARY_DATABASE_URL", urls.0.as_str()), ("OSTIARY_REDIS_URL", urls.1.as_str())];
    let shape = Shape { apis: 2, proxies: size.proxies };
    let mut installation = Installation::start_on(program, shape, postgres, redis, &variables).await?;
    let course = Course::begin();
    let upstream = Upstream::start(course.began, &TOOLS, Duration::ZERO).await?;
    let tenant = Tenant::sign_up(&installation.base(0), "acme").await;
    let server = tenant.server("shop", &upstream.url()).await;
    let policy = tenant.policy(&server, "few", &document()).await;
    let pass = pass(&tenant, "agent", &[(&server, &policy)]).await;

    let mut agents = JoinSet::new();
    let proxies = installation.proxies();
    for number in 0..size.agents {
        let mut at = Vec::new();
        for index in 0..proxies.len() {
            let Some(proxy) = proxies.get((number + index) % proxies.len()) else { continue };
            at.push(match at.first() {
                None => agent(*proxy, &tenant, "shop", &pass).await?,
                Some(first) => crate::agent::Agent::at(first, *proxy)?,
            });
        }
        agents.spawn(traffic(at, course.clone()));
    }

    let (mut dice, mut killed) = (Dice::of(size), [0_u32; 4]);
    for kill in 0..size.kills {
        sleep(dice.pause(size)).await;
        // Each of them once before the dice are asked.
        let what = match ([0, 6, 8, 9].get(kill as usize).copied()).unwrap_or_else(|| dice.below(10)) {
            0..6 => {
                installation.kill(Service::Proxy, dice.below(size.proxies)).await;
                0
            }
            6..8 => {
                installation.kill(Service::Api, dice.below(2)).await;
                1
            }
            8 => {
                installation.redis.kill();
                tokio::task::block_in_place(|| installation.redis.start_again());
                2
            }
            _ => {
                installation.postgres.kill();
                tokio::task::block_in_place(|| installation.postgres.start_again());
                3
            }
        };
        if let Some(count) = killed.get_mut(what) {
            *count += 1;
        }
    }
    sleep(dice.pause(size)).await;
    course.end();
    let mut made = Vec::new();
    while let Some(agent) = agents.join_next().await {
        made.extend(agent?);
    }
    let took = course.began.elapsed();
    installation.drained().await;

    let mut figures = Figures::of("kill");
    figures.add("seconds under load", format!("{:.1}", took.as_secs_f64()));
    for (who, count) in ["ostiary proxy", "ostiary api", "Redis", "PostgreSQL"].iter().zip(killed) {
        figures.add(format!("times that {who} was killed"), count);
    }
    let mut connection =
        wait_until("the database answers", async || PgConnection::connect(installation.postgres.url()).await.ok())
            .await;
    let rows: Vec<Row> = sqlx::query_as(ROWS).fetch_all(&mut connection).await?;
    audit(&mut figures, &made, &upstream, &rows);
    Ok(Some(figures))
}
