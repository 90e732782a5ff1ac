//! People who sign in.

use chrono::{DateTime, Utc};

use crate::{Email, UserId};

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address; unique in the installation.
    pub email: Email,
    /// When they signed up.
    pub created_at: DateTime<Utc>,
    /// When they last proved that mail to the address reaches them.
    pub email_verified_at: Option<DateTime<Utc>>,
}
