//! End to end: a whole gateway, its REST API as people call it, MCP clients in front of it and servers behind it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails may panic")]

mod account;
mod account_replicas;
mod audit;
mod backup;
mod bad_input;
mod bad_upstream;
mod catalogue;
mod clients;
mod command;
mod conformance;
mod deployment;
mod documents;
mod eras;
mod fairness;
mod fidelity;
mod freshness;
mod journey;
mod large;
mod mail;
mod moving;
mod oidc;
mod plans;
mod postgres;
mod replicas;
mod restart;
#[cfg(target_os = "linux")]
mod scan;
mod secrets;
mod secrets_replicas;
mod served;
mod talks;
mod topology;
mod trials;
