//! Any text is parsed or refused; what is parsed prints, parses again to the same, compiles and is linted.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(document) = ostiary_policy::parse(text) {
        let printed = ostiary_policy::format(&document);
        let again = ostiary_policy::parse(&printed).expect("what was printed parses");
        assert_eq!(document, again);
        assert_eq!(printed, ostiary_policy::format(&again));
        let _ = ostiary_policy::lint(&document, None);
        let _ = document.compile();
    }
});
