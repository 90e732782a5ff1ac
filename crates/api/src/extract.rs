//! What handlers take: each refuses with a problem of its own.

pub mod current;
pub mod if_match;
pub mod input;
pub mod json;
pub mod origin;
pub mod path;
pub mod query;
mod value;

pub use current::{Actor, Current, ManageAccess, ManageAccount, ManageMembers, ManagePolicies, May, Person, View};
pub use if_match::IfMatch;
pub use input::{FromInput, Input, ReadValue};
pub use json::Json;
pub use origin::Origin;
pub use path::Path;
pub use query::{FromQuery, Query, QueryInput};
