//! What servers offer beside their tools.

pub(crate) mod prompts;
pub(crate) mod resource_templates;
pub(crate) mod resources;
