//! How many tests passed and failed, read from what test runners print.

use std::ops::Add;

/// Tests counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl Tally {
    /// Reads `test result: ok. 5 passed; 0 failed; 1 ignored; …`, once for each test binary.
    pub(crate) fn of_cargo_test(output: &str) -> Self {
        sum(
            output,
            |line| line.trim_start().strip_prefix("test result: "),
            |word| match word {
                "passed" => Some(Count::Passed),
                "failed" => Some(Count::Failed),
                "ignored" => Some(Count::Skipped),
                _ => None,
            },
        )
    }

    /// Reads `Summary [   1.2s] 5 tests run: 4 passed (1 slow), 1 failed, 2 skipped`.
    pub(crate) fn of_nextest(output: &str) -> Self {
        sum(
            output,
            |line| line.trim_start().strip_prefix("Summary ")?.split_once("tests run:").map(|(_, rest)| rest),
            |word| match word {
                "passed" => Some(Count::Passed),
                "failed" | "timed" | "exec" => Some(Count::Failed),
                "skipped" => Some(Count::Skipped),
                _ => None,
            },
        )
    }

    /// Reads `Tests  1 failed | 11 passed | 1 skipped (13)`.
    pub(crate) fn of_vitest(output: &str) -> Self {
        sum(
            output,
            |line| line.trim_start().strip_prefix("Tests "),
            |word| match word {
                "passed" => Some(Count::Passed),
                "failed" => Some(Count::Failed),
                "skipped" | "todo" => Some(Count::Skipped),
                _ => None,
            },
        )
    }
}

enum Count {
    Passed,
    Failed,
    Skipped,
}

/// Adds up `<number> <word>` pairs of the lines that `select` picks.
fn sum(output: &str, select: impl Fn(&str) -> Option<&str>, meaning: impl Fn(&str) -> Option<Count>) -> Tally {
    let mut tally = Tally::default();
    let output = plain(output);
    for line in output.lines().filter_map(&select) {
        let words: Vec<&str> =
            line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let [number, word] = pair else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match meaning(word) {
                Some(Count::Passed) => tally.passed += number,
                Some(Count::Failed) => tally.failed += number,
                Some(Count::Skipped) => tally.skipped += number,
                None => {}
            }
        }
    }
    tally
}

/// The text without the colours of a terminal.
fn plain(output: &str) -> String {
    let mut text = String::with_capacity(output.len());
    let mut characters = output.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // A sequence ends with its first letter.
            for skipped in characters.by_ref() {
                if skipped.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tally_of_nextest_summary_counts_each_kind() {
        let output = "     Summary [   1.2s] 8 tests run: 5 passed (1 slow), 2 failed, 1 timed out, 3 skipped\n";
        assert_eq!(Tally::of_nextest(output), Tally { passed: 5, failed: 3, skipped: 3 });
    }

    #[test]
    fn tally_of_cargo_test_adds_up_the_binaries() {
        let output = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Tally::of_cargo_test(output), Tally { passed: 6, failed: 2, skipped: 1 });
    }

    #[test]
    fn tally_of_vitest_reads_through_colours() {
        let output = " Test Files  2 passed (2)\n\u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m11 passed\u{1b}[39m (12)\n";
        assert_eq!(Tally::of_vitest(output), Tally { passed: 11, failed: 1, skipped: 0 });
    }
}
