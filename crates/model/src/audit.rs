//! Audit events: who changed what in an account, and how it was before and after.
//!
//! The events of an account are a chain: each has the number after the one before, and its hash. What is hashed, and
//! how, is in `ostiary-storage`.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::word::words;
use crate::{
    AccountId, ApiKey, ApiKeyId, AuditEventId, GrantId, InvitationId, PolicyId, ServerId, SessionId, User, UserId,
};

/// A change that is about to be written down. It gets its place in the chain when it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEventId,
    /// The account that was changed.
    pub account_id: AccountId,
    /// When.
    pub time: DateTime<Utc>,
    /// Who changed it.
    pub actor: AuditActor,
    /// What was done.
    pub action: AuditAction,
    /// What it was done to.
    pub object: AuditObject,
    /// How the object was before, as JSON text without secrets; none for something new.
    pub before: Option<String>,
    /// How it is now, as JSON text without secrets; none for something that is gone.
    pub after: Option<String>,
}

impl AuditEntry {
    /// An entry without a before and an after.
    #[must_use]
    pub fn new(
        account_id: AccountId,
        time: DateTime<Utc>,
        actor: AuditActor,
        action: AuditAction,
        object: impl Into<AuditObject>,
    ) -> Self {
        let id = AuditEventId::generate();
        Self { id, account_id, time, actor, action, object: object.into(), before: None, after: None }
    }

    /// The entry, saying how the object was. The caller leaves secrets out.
    #[must_use]
    pub fn before(self, before: &Value) -> Self {
        Self { before: Some(before.to_string()), ..self }
    }

    /// The entry, saying how the object is now. The caller leaves secrets out.
    #[must_use]
    pub fn after(self, after: &Value) -> Self {
        Self { after: Some(after.to_string()), ..self }
    }
}

/// Who changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditActor {
    /// A person, a key, or the program.
    pub kind: ActorKind,
    /// The id of the user or key; none for the program.
    pub id: Option<String>,
    /// What they were called then: an e-mail address, the label of a key, a part of the program.
    pub name: String,
}

impl AuditActor {
    /// A person.
    #[must_use]
    pub fn user(user: &User) -> Self {
        let name = user.email.as_str().to_owned();
        Self { kind: ActorKind::User, id: Some(user.id.to_string()), name }
    }

    /// An API key.
    #[must_use]
    pub fn api_key(key: &ApiKey) -> Self {
        let name = key.label.as_str().to_owned();
        Self { kind: ActorKind::ApiKey, id: Some(key.id.to_string()), name }
    }

    /// The program itself, of its own accord; `part` says which part of it.
    #[must_use]
    pub fn system(part: &'static str) -> Self {
        Self { kind: ActorKind::System, id: None, name: part.to_owned() }
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditObject {
    /// What it is.
    pub kind: ObjectKind,
    /// Its id; a tool's is the one of its server, a slash, and its name.
    pub id: String,
}

impl AuditObject {
    /// A tool of a server.
    #[must_use]
    pub fn tool(server_id: ServerId, name: &str) -> Self {
        Self { kind: ObjectKind::Tool, id: format!("{server_id}/{name}") }
    }
}

macro_rules! objects {
    ($($id:ty => $kind:ident,)+) => {
        $(
            impl From<$id> for AuditObject {
                fn from(id: $id) -> Self {
                    Self { kind: ObjectKind::$kind, id: id.to_string() }
                }
            }
        )+
    };
}

objects! {
    AccountId => Account,
    UserId => User,
    SessionId => Session,
    InvitationId => Invitation,
    ApiKeyId => ApiKey,
    ServerId => Server,
    PolicyId => Policy,
    GrantId => Grant,
}

words!(
    /// Who can change things.
    ActorKind {
        /// A person in a browser.
        User = "user",
        /// A program with an API key.
        ApiKey = "api_key",
        /// Ostiary of its own accord.
        System = "system",
    }
);

words!(
    /// What can be changed.
    ObjectKind {
        /// The account.
        Account = "account",
        /// A person.
        User = "user",
        /// A signed-in browser.
        Session = "session",
        /// An invitation.
        Invitation = "invitation",
        /// A key for the REST API.
        ApiKey = "api_key",
        /// A server.
        Server = "server",
        /// A tool of a server.
        Tool = "tool",
        /// A policy.
        Policy = "policy",
        /// A grant.
        Grant = "grant",
    }
);

words!(
    /// What can be done. Add new ones freely; never rename one, since it is in the hash of events.
    AuditAction {
        /// Somebody signed up.
        AccountCreated = "account_created",
        /// The account's name was changed.
        AccountUpdated = "account_updated",
        /// The account is on another plan.
        AccountPlanChanged = "account_plan_changed",
        /// The account is going to be deleted.
        AccountDeletionRequested = "account_deletion_requested",
        /// The account is not going to be deleted after all.
        AccountRestored = "account_restored",
        /// The account has another owner.
        AccountTransferred = "account_transferred",
        /// Somebody has accepted an invitation.
        MemberAdded = "member_added",
        /// A member has another role.
        MemberUpdated = "member_updated",
        /// Somebody is no member any more.
        MemberRemoved = "member_removed",
        /// Somebody was invited.
        InvitationCreated = "invitation_created",
        /// An invitation was withdrawn.
        InvitationRevoked = "invitation_revoked",
        /// A member has another password.
        PasswordChanged = "password_changed",
        /// A member has another password, by a link that was mailed to them.
        PasswordReset = "password_reset",
        /// A member needs a second factor to sign in.
        SecondFactorEnabled = "second_factor_enabled",
        /// A member needs no second factor any more.
        SecondFactorDisabled = "second_factor_disabled",
        /// A member has added a passkey.
        PasskeyAdded = "passkey_added",
        /// A member has removed a passkey.
        PasskeyRemoved = "passkey_removed",
        /// A member can sign in by a provider.
        IdentityLinked = "identity_linked",
        /// A member cannot sign in by a provider any more.
        IdentityRemoved = "identity_removed",
        /// A member has new codes to fall back on.
        RecoveryCodesReplaced = "recovery_codes_replaced",
        /// A member has signed in with a code to fall back on.
        RecoveryCodeUsed = "recovery_code_used",
        /// A member has proven that mail reaches them.
        EmailVerified = "email_verified",
        /// Somebody signed in.
        SessionCreated = "session_created",
        /// Somebody signed out.
        SessionEnded = "session_ended",
        /// An API key was minted.
        ApiKeyCreated = "api_key_created",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key_revoked",
        /// A server was registered.
        ServerCreated = "server_created",
        /// A server was changed.
        ServerUpdated = "server_updated",
        /// A server was removed.
        ServerDeleted = "server_deleted",
        /// The inventory of a server is another one than before.
        InventoryChanged = "inventory_changed",
        /// The definition of a tool was accepted.
        ToolAccepted = "tool_accepted",
        /// Somebody said another category or risk of a tool than its definition does.
        ToolOverridden = "tool_overridden",
        /// A change of an inventory was accepted that is no tool's present definition.
        ChangeAccepted = "change_accepted",
        /// A policy was made.
        PolicyCreated = "policy_created",
        /// A policy has a new version.
        PolicyUpdated = "policy_updated",
        /// A policy has the document of an earlier version again.
        PolicyRolledBack = "policy_rolled_back",
        /// A policy was removed.
        PolicyDeleted = "policy_deleted",
        /// A grant was minted.
        GrantCreated = "grant_created",
        /// A grant was changed.
        GrantUpdated = "grant_updated",
        /// A grant has a new token.
        GrantRotated = "grant_rotated",
        /// A grant was revoked.
        GrantRevoked = "grant_revoked",
        /// A grant reaches a server, or reaches it under another policy or mode.
        BindingPut = "binding_put",
        /// A grant does not reach a server any more.
        BindingDeleted = "binding_deleted",
    }
);

/// A change with its place in the chain of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// 1 for the first of the account, then one more with each.
    pub number: i64,
    /// What happened.
    pub entry: AuditEntry,
    /// The hash of the event before; zeros before the first.
    pub previous_hash: [u8; 32],
    /// SHA-256 of everything above.
    pub hash: [u8; 32],
}

/// Where the chain of an account ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// The account.
    pub account_id: AccountId,
    /// The number of its newest event; 0 when it has none.
    pub number: i64,
    /// The hash of that event; zeros when there is none.
    pub hash: [u8; 32],
}

impl AuditHead {
    /// Where a chain begins.
    #[must_use]
    pub const fn start(account_id: AccountId) -> Self {
        Self { account_id, number: 0, hash: [0; 32] }
    }
}
