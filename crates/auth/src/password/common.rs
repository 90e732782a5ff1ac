//! The passwords that are tried first.
//!
//! With twelve characters as the least, most entries of the usual lists are out already. What is
//! left of them are a few words with something around: so words are listed, and what people put
//! around them is taken off before looking.

/// Words that make no password, alone, repeated, or with digits and signs around them. Sorted.
const STEMS: &[&str] = &[
    "abc",
    "abcd",
    "abcde",
    "abcdef",
    "abcdefg",
    "abcdefgh",
    "abcdefghi",
    "abcdefghij",
    "abcdefghijk",
    "abcdefghijkl",
    "abcdefghijklm",
    "access",
    "admin",
    "administrator",
    "amigo",
    "andrea",
    "andrew",
    "angel",
    "anthony",
    "apple",
    "arsenal",
    "ashley",
    "asdf",
    "asdfasdf",
    "asdfgh",
    "asdfghjkl",
    "asdfghjklqwertyuiop",
    "austin",
    "azerty",
    "azertyuiop",
    "baby",
    "babygirl",
    "bailey",
    "banana",
    "barcelona",
    "baseball",
    "basketball",
    "batman",
    "bonjour",
    "buster",
    "butterfly",
    "carlos",
    "changeit",
    "changeme",
    "changemenow",
    "charlie",
    "cheese",
    "chelsea",
    "chocolate",
    "chocolat",
    "christian",
    "claude",
    "computer",
    "contrasena",
    "cookie",
    "corvette",
    "cowboy",
    "daniel",
    "default",
    "defaultpassword",
    "diamond",
    "doudou",
    "dragon",
    "estrella",
    "facebook",
    "ferrari",
    "flower",
    "football",
    "footballfootball",
    "forever",
    "freedom",
    "friends",
    "fuckyou",
    "gateway",
    "george",
    "geheim",
    "ginger",
    "google",
    "guest",
    "hannah",
    "harley",
    "hello",
    "hellohello",
    "helloworld",
    "hola",
    "hockey",
    "hunter",
    "iamgod",
    "iloveyou",
    "iloveyouforever",
    "iloveyousomuch",
    "iloveu",
    "internet",
    "jasmine",
    "jennifer",
    "jessica",
    "jesus",
    "jesuschrist",
    "johnson",
    "jordan",
    "joshua",
    "justin",
    "killer",
    "letmein",
    "letmeinnow",
    "liverpool",
    "login",
    "london",
    "loulou",
    "love",
    "lovely",
    "loveyou",
    "maggie",
    "manchesterunited",
    "marseille",
    "master",
    "matthew",
    "michael",
    "michelle",
    "minecraft",
    "monkey",
    "motdepasse",
    "mustang",
    "mypassword",
    "mysecretpassword",
    "naruto",
    "newpassword",
    "nicole",
    "nothing",
    "ostiary",
    "ostiarypassword",
    "pass",
    "passpass",
    "passw",
    "passwd",
    "password",
    "passwort",
    "patrick",
    "pepper",
    "pokemon",
    "princess",
    "purple",
    "qazwsx",
    "qazwsxedc",
    "qazwsxedcrfv",
    "qwaszx",
    "qwe",
    "qweasd",
    "qweasdzxc",
    "qweqwe",
    "qwer",
    "qwert",
    "qwerty",
    "qwertyqwerty",
    "qwertyuiop",
    "qwertyuiopasdfghjkl",
    "qwertz",
    "qwertzuiop",
    "ranger",
    "realmadrid",
    "robert",
    "root",
    "samantha",
    "samsung",
    "secret",
    "secretpassword",
    "senha",
    "shadow",
    "soccer",
    "soleil",
    "spiderman",
    "starwars",
    "summer",
    "sunshine",
    "superman",
    "supersecret",
    "system",
    "taylor",
    "tequiero",
    "teamo",
    "test",
    "testing",
    "testpassword",
    "testtest",
    "thisisapassword",
    "thomas",
    "thunder",
    "tigger",
    "trustno",
    "trustnoone",
    "unknown",
    "user",
    "username",
    "victoria",
    "welcome",
    "welcomewelcome",
    "whatever",
    "william",
    "winter",
    "yankees",
    "yourpassword",
    "zaq",
    "zaqwsx",
    "zxcv",
    "zxcvbn",
    "zxcvbnm",
];

/// Rows and runs along which fingers walk, in both directions.
const WALKS: &[&str] = &[
    "01234567890123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
];

/// Whether a password of at least twelve characters is among the first to be tried.
pub(super) fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    is_repetition(&lower) || is_walk(&lower) || has_common_stem(&lower)
}

/// One to four characters over and over.
fn is_repetition(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

fn is_walk(text: &str) -> bool {
    let backwards: String = text.chars().rev().collect();
    WALKS.iter().any(|walk| walk.contains(text) || walk.contains(&backwards))
}

fn has_common_stem(text: &str) -> bool {
    let plain = text.trim_matches(|c: char| !c.is_alphabetic());
    let undisguised: String = text.chars().map(undisguise).collect();
    // `p@ssw0rd2026!`: the ends go before digits are read as letters, and after.
    let inner: String = text
        .trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation())
        .chars()
        .map(undisguise)
        .collect();
    [plain, &inner, undisguised.trim_matches(|c: char| !c.is_alphabetic())].into_iter().any(is_stem)
}

fn is_stem(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
    let count = letters.chars().count();
    STEMS.contains(&letters.as_str())
        || STEMS.iter().any(|stem| {
            count > stem.len() && count.is_multiple_of(stem.len()) && stem.repeat(count / stem.len()) == letters
        })
}

const fn undisguise(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_lower_case_letters() {
        for stem in STEMS {
            assert!(stem.bytes().all(|b| b.is_ascii_lowercase()), "{stem}");
        }
    }

    #[test]
    fn walks_are_found_in_both_directions() {
        for text in ["012345678901", "210987654321", "abcdefghijkl", "1q2w3e4r5t6y", "mnbvcxzlkjhg", "1qaz2wsx3edc"] {
            assert!(is_common(text), "{text}");
        }
    }

    #[test]
    fn words_that_only_contain_a_stem_are_left_alone() {
        for text in ["password of the harbour", "lovely-kettle-42", "dragonfly nettles", "testing the waters"] {
            assert!(!is_common(text), "{text}");
        }
    }
}
