//! Admission from outside: the contract of every backend, and what only Redis can get wrong.

mod agreement;
mod drain;
mod embedded;
mod guarded;
mod loss;
mod outage;
mod redis;
mod sentinel;
mod subject;
