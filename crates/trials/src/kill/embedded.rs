//! Everything in one process, on SQLite.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use ostiary_testkit::{Program, Tenant};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Figures;
use crate::installation::{agent, pass};
use crate::kill::audit::{ROWS, Row, audit};
use crate::kill::{Dice, Size, TOOLS, document, traffic};
use crate::load::Course;
use crate::upstream::Upstream;

pub(super) async fn run(program: &Path, size: Size) -> anyhow::Result<Figures> {
    let dir = tempfile::tempdir()?;
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let mut serving = serve(program, address, dir.path()).await;
    let course = Course::begin();
    let upstream = Upstream::start(course.began, &TOOLS, Duration::ZERO).await?;
    let tenant = Tenant::sign_up(serving.base(), "acme").await;
    let server = tenant.server("shop", &upstream.url()).await;
    let policy = tenant.policy(&server, "few", &document()).await;
    let pass = pass(&tenant, "agent", &[(&server, &policy)]).await;
    let opened = agent(address, &tenant, "shop", &pass).await?;
    let mut agents = JoinSet::new();
    for _ in 0..size.agents {
        agents.spawn(traffic(vec![opened.at(address)?], course.clone()));
    }

    let mut dice = Dice::of(size);
    for _ in 0..size.kills {
        sleep(dice.pause(size)).await;
        serving.kill().await;
        serving = serve(program, address, dir.path()).await;
    }
    sleep(dice.pause(size)).await;
    course.end();
    let mut made = Vec::new();
    while let Some(agent) = agents.join_next().await {
        made.extend(agent?);
    }
    let took = course.began.elapsed();
    serving.kill().await;

    let mut figures = Figures::of("kill, embedded");
    figures.add("seconds under load", format!("{:.1}", took.as_secs_f64()));
    figures.add("times that ostiary serve was killed", size.kills + 1);
    let options = SqliteConnectOptions::new().filename(dir.path().join("ostiary.db"));
    let mut database = options.connect().await.context("cannot open the database")?;
    let rows: Vec<Row> = sqlx::query_as(ROWS).fetch_all(&mut database).await?;
    database.close().await?;
    audit(&mut figures, &made, &upstream, &rows);
    Ok(figures)
}

async fn serve(program: &Path, address: SocketAddr, data: &Path) -> Program {
    let mut command = Command::new(program);
    command.args(["serve", "--listen", &address.to_string(), "--data-dir"]).arg(data);
    command.env("OSTIARY_LOG", std::env::var("TRIAL_LOG").unwrap_or_else(|_| "off".to_owned()));
    Program::start(command).await
}
