//! What tests are made of: a whole gateway in the process or as a child, typed callers of its REST API, MCP clients,
//! and upstreams that behave well or badly.
//!
//! For tests only; nothing that is shipped depends on it. Everything listens on loopback at a port of its own, keeps its
//! data in a directory that goes away, and waits by asking, never by sleeping for a fixed time. To add a fixture: a
//! module here with a `start` that answers when the thing is ready, and an end on drop.

mod authority;
mod bridge;
mod caller;
mod era_server;
mod everything;
mod gateway;
mod mcp;
mod postgres;
mod program;
mod redis;
mod skip;
mod tenant;
mod upstream;
mod wait;

pub use authority::TestAuthority;
pub use bridge::StdioServer;
pub use caller::{Answer, Caller, PASSWORD};
pub use era_server::EraServer;
pub use everything::EverythingServer;
pub use gateway::{TestGateway, TestGatewayBuilder};
pub use mcp::{McpSession, connect_rmcp};
pub use postgres::{TestPooler, TestPostgres};
pub use program::Program;
pub use redis::{TestRedis, TestRedisCopy, TestSentinels};
pub use skip::{
    clients_dir, conformance_dir, nothing_is_skipped, python_of_clients, python_of_servers, servers_dir, skip,
};
pub use tenant::{Grant, Tenant};
pub use upstream::{Fault, TestUpstream};
pub use wait::{PATIENCE, wait_until};
