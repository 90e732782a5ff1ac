//! What handlers take: each refuses with a problem of its own.

pub mod current;
pub mod if_match;
pub mod input;
pub mod json;
pub mod path;
pub mod query;
mod value;

pub use current::{Actor, Current, ManageAccess, ManageMembers, ManagePolicies, May, View};
pub use if_match::IfMatch;
pub use input::{FromInput, Input, ReadValue};
pub use json::Json;
pub use path::Path;
pub use query::{FromQuery, Query, QueryInput};
