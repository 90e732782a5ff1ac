//! The words of Ostiary as types: accounts, members, servers, policies, grants, decisions.
//!
//! No I/O, no async, no rules: what a policy means is in `ostiary-policy`, where things are kept
//! is behind the traits of `ostiary-storage`. To add an entity: give it an id in [`id`], a module
//! of its own here, and a repository trait in the storage crate.
#![warn(missing_docs)]

pub mod account;
pub mod api_key;
pub mod audit;
pub mod catalogue;
pub mod clock;
pub mod decision;
pub mod entry;
pub mod grant;
pub mod id;
pub mod identity;
pub mod invitation;
pub mod link;
pub mod member;
pub mod name;
pub mod plan;
pub mod policy;
pub mod server;
pub mod session;
pub mod tool;
pub mod tool_change;
pub mod usage;
pub mod user;
pub mod word;

pub use account::Account;
pub use api_key::ApiKey;
pub use audit::{AuditAction, AuditActor, AuditEntry, AuditEvent, AuditHead, AuditObject};
pub use clock::{Clock, ManualClock, SystemClock};
pub use decision::Decision;
pub use entry::{EntryKind, InventoryEntry};
pub use grant::{Binding, Grant, Mode};
pub use id::{
    AccountId, ApiKeyId, AuditEventId, DecisionId, GrantId, IdError, IdentityId, InvitationId, PasskeyId, PolicyId,
    ServerId, SessionId, ToolChangeId, UserId,
};
pub use identity::Identity;
pub use invitation::Invitation;
pub use link::LinkPurpose;
pub use member::{Member, Permission, Role};
pub use name::{Email, Label, Name, NameError, PlanName, Slug};
pub use plan::{Plan, PlanLimits, Plans};
pub use policy::{Policy, PolicyVersion};
pub use server::{Server, UpstreamAuth};
pub use session::{Session, SignInMethod};
pub use tool::Tool;
pub use tool_change::ToolChange;
pub use usage::{Holdings, UsageDay};
pub use user::User;
