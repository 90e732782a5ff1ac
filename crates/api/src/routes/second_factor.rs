//! The caller's second factor.

pub(crate) mod begin;
pub(crate) mod begin_passkey;
pub(crate) mod confirm;
pub(crate) mod confirm_passkey;
pub(crate) mod disable;
pub(crate) mod get;
pub(crate) mod remove_passkey;
pub(crate) mod renew_codes;
