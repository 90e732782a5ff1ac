//! The stages of a call, one function each, in the order of the pipeline.

pub(crate) mod admit;
pub(crate) mod authenticate;
pub(crate) mod decide;
pub(crate) mod forward;
pub(crate) mod parse;
pub(crate) mod respond;
pub(crate) mod settle;
