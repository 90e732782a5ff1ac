//! The processes in the middle.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use ostiary_testkit::{Program, Tenant};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::agent::Agent;
use crate::cost::{EMBEDDED, SHARED, stranger};
use crate::installation::{Installation, Shape, agent, pass};
use crate::process;
use crate::upstream::Upstream;

/// What everything is compared with.
pub(super) const NGINX: &str = "nginx";

/// How long nginx may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// One process in the middle.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) id: u32,
    /// Others that work for it.
    pub(super) helpers: Vec<u32>,
    pub(super) address: SocketAddr,
    /// Whoever calls by way of it.
    pub(super) agent: Agent,
    /// What a call may cost, in costs of nginx.
    pub(super) most: Option<f64>,
}

/// All of them, and what they need. They end when this is dropped.
pub(super) struct Targets {
    pub(super) all: Vec<Target>,
    /// Whoever calls the upstream itself.
    pub(super) direct: Agent,
    _nginx: Option<(Child, tempfile::TempDir)>,
    _bare: Option<Program>,
    _serving: (Program, tempfile::TempDir),
    installation: Installation,
}

impl Targets {
    pub(super) async fn start(program: &Path, upstream: &Upstream) -> anyhow::Result<Option<Self>> {
        let shape = Shape { apis: 1, proxies: 1 };
        let Some(installation) = Installation::start(program, shape).await? else { return Ok(None) };
        let mut all = Vec::new();
        let nginx = nginx(upstream.address()).await?;
        if let Some((child, _, address)) = &nginx {
            let id = child.id().context("nginx has ended")?;
            let agent = stranger(*address)?;
            all.push(Target { name: NGINX, id, helpers: Vec::new(), address: *address, agent, most: None });
        }
        let bare = bare(upstream.address()).await;
        if let Some(bare) = &bare {
            let address = bare.base().trim_start_matches("http://").parse()?;
            let agent = stranger(address)?;
            all.push(Target { name: "a bare proxy", id: bare.id(), helpers: Vec::new(), address, agent, most: None });
        }

        let tenant = Tenant::sign_up(&installation.base(0), "acme").await;
        let address = installation.proxies().first().copied().context("a gateway")?;
        let helpers = installation.apis.iter().filter_map(|api| api.running()).map(Program::id).collect();
        let id = installation.proxy_id(0);
        let agent = caller(&tenant, address, upstream).await?;
        all.push(Target { name: "ostiary proxy", id, helpers, address, agent, most: Some(SHARED) });

        let dir = tempfile::tempdir()?;
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path()).env("OSTIARY_LOG", "off");
        let serving = Program::start(command).await;
        let tenant = Tenant::sign_up(serving.base(), "acme").await;
        let address = serving.base().trim_start_matches("http://").parse()?;
        let agent = caller(&tenant, address, upstream).await?;
        let id = serving.id();
        all.push(Target { name: "ostiary serve", id, helpers: Vec::new(), address, agent, most: Some(EMBEDDED) });

        for target in &all {
            process::take_first_core(target.id);
        }
        Ok(Some(Self {
            all,
            direct: stranger(upstream.address())?,
            _nginx: nginx.map(|(child, dir, _)| (child, dir)),
            _bare: bare,
            _serving: (serving, dir),
            installation,
        }))
    }
}

impl Targets {
    /// Waits until every record has been moved.
    pub(super) async fn drained(&self) {
        self.installation.drained().await;
    }
}

/// A grant whose calls are limited, and whoever calls with it.
async fn caller(tenant: &Tenant, address: SocketAddr, upstream: &Upstream) -> anyhow::Result<Agent> {
    let server = tenant.server("shop", &upstream.url()).await;
    let limits = json!([{"counter": "looks", "window": "hour", "max": 4_000_000_000_u64}]);
    let document = json!({"version": "1", "default": "deny", "tools": {"look": {"limits": limits}}});
    let policy = tenant.policy(&server, "limited", &document).await;
    let pass = pass(tenant, "agent", &[(&server, &policy)]).await;
    agent(address, tenant, "shop", &pass).await
}

/// nginx with one process, as a plain proxy; none where it is not installed.
async fn nginx(upstream: SocketAddr) -> anyhow::Result<Option<(Child, tempfile::TempDir, SocketAddr)>> {
    let dir = tempfile::tempdir()?;
    let at = dir.path().display();
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let text = format!(
        "daemon off;\nmaster_process off;\npid {at}/pid;\nerror_log stderr crit;\nevents {{ worker_connections 4096; }}\n\
         http {{\n access_log off;\n keepalive_requests 1000000000;\n\
         client_body_temp_path {at}/body;\n proxy_temp_path {at}/proxy;\n fastcgi_temp_path {at}/fastcgi;\n\
         uwsgi_temp_path {at}/uwsgi;\n scgi_temp_path {at}/scgi;\n\
         upstream up {{ server {upstream}; keepalive 256; keepalive_requests 1000000000; }}\n\
         server {{ listen {address};\n location / {{ proxy_pass http://up; proxy_http_version 1.1;\n\
         proxy_set_header Connection \"\"; }} }}\n}}\n"
    );
    let file = dir.path().join("nginx.conf");
    std::fs::write(&file, text)?;
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&file).arg("-p").arg(dir.path()).kill_on_drop(true);
    command.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let Ok(child) = command.spawn() else { return Ok(None) };
    let listens = async {
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, listens).await.context("nginx does not listen")?;
    Ok(Some((child, dir, address)))
}

/// A bare proxy; none where this is not the program of the trials, which can be one.
async fn bare(upstream: SocketAddr) -> Option<Program> {
    let program =
        std::env::current_exe().ok().filter(|path| path.file_stem().is_some_and(|name| name == "ostiary-trials"));
    let mut command = Command::new(program?);
    command.arg("bare-proxy").arg(upstream.to_string());
    Some(Program::start(command).await)
}
