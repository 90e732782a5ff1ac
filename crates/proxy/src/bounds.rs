//! Bounds that keep one caller from using up the process: when requests start, what is held at once, and sessions opened in
//! a minute.

mod company;
mod pace;
mod sessions;
mod streams;
mod turns;

pub(crate) use sessions::SessionRate;
pub(crate) use streams::{StreamPlace, Streams};
pub(crate) use turns::{Turn, Turns};
