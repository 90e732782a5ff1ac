//! Characters that people do not see and models read.

use super::texts::Text;
use super::{Finding, FindingCode, FindingSeverity};

/// A hidden character of the text, if it has one where no script and no emoji needs it.
pub(super) fn find(text: &Text<'_>) -> Option<Finding> {
    let chars: Vec<char> = text.text.chars().collect();
    let hidden = (0..chars.len()).find_map(|index| {
        let what = hidden(&chars, index)?;
        chars.get(index).map(|c| (what, *c))
    });
    let (what, c) = hidden?;
    let is_grave = what != "a control character";
    Some(Finding {
        code: FindingCode::HiddenUnicode,
        severity: if is_grave { FindingSeverity::High } else { FindingSeverity::Medium },
        place: text.place.clone(),
        message: format!("It has {what} (U+{:04X}), which people do not see.", u32::from(c)),
    })
}

fn hidden(chars: &[char], index: usize) -> Option<&'static str> {
    let c = *chars.get(index)?;
    let near = |offset: usize| chars.get(offset).copied();
    let before = index.checked_sub(1).and_then(near);
    match c {
        '\t' | '\n' | '\r' => None,
        // Joiners make emoji of several signs, and shape letters in some scripts.
        '\u{200C}' | '\u{200D}' => {
            let joins = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_zero_width(c));
            (!(joins(before) && joins(near(index + 1)))).then_some("a zero-width character")
        }
        // Marks of direction belong to texts that have right-to-left letters.
        '\u{200E}' | '\u{200F}' | '\u{061C}' => {
            (!chars.iter().any(|c| is_right_to_left(*c))).then_some("a mark of direction")
        }
        _ if is_zero_width(c) => (index > 0 || c != '\u{FEFF}').then_some("a zero-width character"),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => Some("a bidirectional control"),
        // Flags of regions are a black flag and tags.
        '\u{E0000}'..='\u{E007F}' => {
            let starts = chars.get(..index).unwrap_or_default().iter().rposition(|c| !is_tag(*c));
            let is_flag = starts.and_then(near) == Some('\u{1F3F4}');
            (!is_flag).then_some("a tag character")
        }
        '\u{E0100}'..='\u{E01EF}' => Some("a variation selector"),
        '\u{FE00}'..='\u{FE0F}' => before.is_some_and(is_selector).then_some("a run of variation selectors"),
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => Some("an invisible letter"),
        _ if c.is_control() => Some("a control character"),
        _ => None,
    }
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200C}' | '\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0000}'..='\u{E007F}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}')
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}
