//! Codes to fall back on when the second factor is lost: each works once.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// 80 random bits: too many to be tried, even by whoever has the hashes.
const BYTES: usize = 10;

/// How many a user gets at a time.
pub const COUNT: usize = 10;

/// A code to fall back on, such as `abcd-efgh-ijkl-mnop`.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// A new code from the operating system's random source.
    #[must_use]
    pub fn generate() -> Self {
        let mut secret = Zeroizing::new([0_u8; BYTES]);
        rand::fill(&mut secret[..]);
        Self(Zeroizing::new(BASE32_NOPAD.encode(&secret[..]).to_lowercase()))
    }

    /// Reads a code as people type it: in any case, with or without hyphens and blanks. None for a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let plain: Zeroizing<String> = Zeroizing::new(plain.collect::<String>().to_lowercase());
        let is_code = plain.len() == BYTES * 8 / 5 && plain.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        is_code.then_some(Self(plain))
    }

    /// The code as it is shown, in groups of four.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() + self.0.len() / 4));
        for (index, character) in self.0.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                text.push('-');
            }
            text.push(character);
        }
        text
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

// SECURITY: the code is not printed.
impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryCode").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_shown_and_typed_is_the_same() {
        let code = RecoveryCode::generate();
        let shown = code.reveal();
        assert_eq!(shown.len(), 19);
        for text in [shown.to_string(), shown.to_uppercase(), shown.replace('-', " "), shown.replace('-', "")] {
            assert_eq!(RecoveryCode::parse(&text).expect("a code").hash(), code.hash());
        }
    }

    #[test]
    fn text_that_is_no_code_is_none() {
        for text in ["", "123456", "abcd-efgh-ijkl-mno", "abcd-efgh-ijkl-mno1", "äbcd-efgh-ijkl-mno"] {
            assert!(RecoveryCode::parse(text).is_none(), "{text}");
        }
    }
}
