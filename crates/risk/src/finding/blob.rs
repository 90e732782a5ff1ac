//! Long runs that nobody can read: base64 and hexadecimal.

use super::texts::Text;
use super::{Finding, FindingCode, FindingSeverity};

/// Characters from which a run is long. Examples of tokens and hashes are shorter.
const RUN_MIN: usize = 160;

/// A long encoded run of the text, if it has one.
pub(super) fn find(text: &Text<'_>) -> Option<Finding> {
    let length = text.text.split(|c: char| !is_encoded(c)).filter(|run| looks_encoded(run)).map(str::len).max()?;
    Some(Finding {
        code: FindingCode::EncodedBlob,
        severity: FindingSeverity::Medium,
        place: text.place.clone(),
        message: format!("It has {length} characters in a row that look encoded; nobody can tell what they say."),
    })
}

fn is_encoded(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-')
}

/// Long, and of letters and digits in a mixture that no path and no list of words has.
fn looks_encoded(run: &str) -> bool {
    if run.len() < RUN_MIN {
        return false;
    }
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let upper = run.bytes().filter(u8::is_ascii_uppercase).count();
    let separators = run.bytes().filter(|byte| matches!(byte, b'/' | b'_' | b'-')).count();
    let is_hex = run.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_mixed = digits * 40 > run.len() && upper * 8 > run.len() && separators * 12 < run.len();
    is_hex || is_mixed
}
