//! Which passwords are taken: long ones that are not on everybody's list (NIST SP 800-63B).

use super::common::is_common;

/// Fewest characters.
pub const MIN_CHARS: usize = 12;
/// Most bytes in UTF-8.
pub const MAX_BYTES: usize = 256;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Below [`MIN_CHARS`].
    #[error("must be at least {MIN_CHARS} characters")]
    TooShort,
    /// Above [`MAX_BYTES`].
    #[error("must be at most {MAX_BYTES} bytes")]
    TooLong,
    /// One of the first to be tried.
    #[error("is too common: use several unrelated words")]
    TooCommon,
}

impl PasswordError {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::TooCommon => "too_common",
        }
    }
}

/// Checks a new password.
///
/// # Errors
///
/// When it is too short, too long or too common.
pub fn check_password(password: &str) -> Result<(), PasswordError> {
    if password.len() > MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    if password.chars().count() < MIN_CHARS {
        return Err(PasswordError::TooShort);
    }
    if is_common(password) {
        return Err(PasswordError::TooCommon);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("short", Err(PasswordError::TooShort))]
    #[case("elevenchars", Err(PasswordError::TooShort))]
    #[case("ääääööööüüü", Err(PasswordError::TooShort))]
    #[case("Password1234", Err(PasswordError::TooCommon))]
    #[case("P@ssw0rd2026!", Err(PasswordError::TooCommon))]
    #[case("passwordpassword", Err(PasswordError::TooCommon))]
    #[case("123456789012", Err(PasswordError::TooCommon))]
    #[case("aaaaaaaaaaaa", Err(PasswordError::TooCommon))]
    #[case("abcabcabcabc", Err(PasswordError::TooCommon))]
    #[case("qwertyuiop123", Err(PasswordError::TooCommon))]
    #[case("iloveyou12345", Err(PasswordError::TooCommon))]
    #[case("correct horse battery", Ok(()))]
    #[case("kettle-orbit-94", Ok(()))]
    #[case("grünes Fahrrad", Ok(()))]
    fn password_is_checked(#[case] password: &str, #[case] expected: Result<(), PasswordError>) {
        assert_eq!(check_password(password), expected);
    }

    #[test]
    fn password_above_the_bytes_is_too_long() {
        assert_eq!(check_password(&"äb".repeat(86)), Err(PasswordError::TooLong));
    }
}
