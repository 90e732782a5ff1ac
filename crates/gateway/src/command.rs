//! The commands of the program, one module each.

pub mod account;
pub mod audit;
pub mod backup;
pub mod catalogue;
pub mod config;
pub mod doctor;
pub mod health;
pub mod migrate;
pub mod openapi;
pub mod policy;
pub mod replica;
pub mod sample_upstream;
pub mod secrets;
pub mod serve;
pub mod user;
