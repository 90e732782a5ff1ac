//! What goes over the wire, one file a resource.
//!
//! Types that end in `Request` come in and are read by [`crate::extract::input`], which reports
//! every failure at its place; all others go out. Names are the words of the product.

pub mod account;
pub mod api_key;
pub mod audit;
pub mod auth;
pub mod catalogue;
pub mod decision;
pub mod entry;
pub mod grant;
pub mod identity;
pub mod member;
pub mod page;
pub mod policy;
pub mod problem;
pub mod schema;
pub mod second_factor;
pub mod server;
pub mod simulate;
pub mod tool;
pub mod tool_change;
pub mod usage;
