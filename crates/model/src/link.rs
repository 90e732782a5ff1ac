//! Links that are sent to a user's address, and prove that they have it.

use crate::word::words;

words! {
    /// What a link is for.
    LinkPurpose {
        /// Setting a new password without the old one.
        ResetPassword = "reset_password",
        /// Proving that mail reaches the user.
        VerifyEmail = "verify_email",
    }
}
