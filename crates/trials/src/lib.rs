//! Trials: the promises of the product, put to the proof with real processes while things break.
//!
//! A trial starts PostgreSQL, Redis, `ostiary api` and several `ostiary proxy` of the built binary, sends calls through
//! them to an upstream of its own that counts what arrives, breaks something meanwhile, and judges by what the upstream
//! saw and what the log holds. It ends by itself, leaves nothing behind, and answers [`Figures`]. `cargo xtask trial NAME`
//! runs the long form; the tests of the binary run a short one of the same code, in which nothing is measured by a clock.
//!
//! For development only; nothing that is shipped depends on it. To add a trial: a module with a `Size` (its long and its
//! short form) and a `run` that answers figures, a line in `main.rs`, and a test in `crates/gateway/tests/it/trials.rs`.

pub mod agent;
pub mod catalogue;
pub mod cost;
pub mod faults;
pub mod figures;
pub mod freshness;
pub mod installation;
pub mod kill;
pub mod leaks;
pub mod limits;
pub mod load;
pub mod noisy;
pub mod process;
pub mod relay;
pub mod rolling;
pub mod scale;
pub mod upstream;

pub use figures::Figures;
