//! The tools, by what they are about. Their annotations are honest: what says that it only reads only reads.

mod customer;
mod office;
mod payment;
