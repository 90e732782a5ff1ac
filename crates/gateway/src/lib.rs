//! The program: command line, configuration, wiring, the embedded dashboard.
//!
//! The only crate that names backends and puts the services together; it has no rule of the product in it. A library
//! too, so that tests start a whole gateway in their own process. To add a command: a module under `command/` with
//! its arguments and a `run`, and its variant in [`cli`].

mod backend;
pub mod cli;
pub mod command;
pub mod config;
mod counting;
pub mod dashboard;
pub mod first_run;
mod freshness;
mod front;
mod in_flight;
pub mod logging;
mod mail;
mod mailbox;
mod metrics;
mod oidc;
mod refresher;
mod routes;
mod schedule;
pub mod serve;
pub mod service;
pub mod shutdown;
mod wiring;
