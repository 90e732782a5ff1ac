//! Patterns of names and URIs: `*` for any run of characters, `?` for one.

use std::collections::HashMap;

/// A pattern as it is written. Case-sensitive, over the whole name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern(Box<str>);

impl Pattern {
    /// `None` for an empty pattern, which no name matches.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Pattern(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern is one name, without wildcards.
    pub(crate) fn is_exact(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    fn literal_prefix(&self) -> &str {
        self.0.split(['*', '?']).next().unwrap_or_default()
    }

    /// Walks both texts once, falling back to the last `*` on a mismatch: at most their product in steps.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let (mut pattern, mut rest) = (self.0.chars(), name.chars());
        let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
        loop {
            match pattern.next() {
                Some('*') => {
                    retry = Some((pattern.clone(), rest.clone()));
                    continue;
                }
                Some(expected) if rest.next().is_some_and(|found| expected == '?' || expected == found) => continue,
                Some(_) => {}
                None if rest.as_str().is_empty() => return true,
                None => {}
            }
            // Let the last `*` take one character more.
            let Some((behind_star, mut from)) = retry else { return false };
            if from.next().is_none() {
                return false;
            }
            pattern = behind_star.clone();
            rest = from.clone();
            retry = Some((behind_star, from));
        }
    }
}

impl serde::Serialize for Pattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Many patterns, asked at once. Exact names are hashed and globs found by their literal beginning, so that a
/// document with thousands of tools costs a call no more than a short one.
#[derive(Debug, Default)]
pub(crate) struct PatternIndex {
    exact: HashMap<Box<str>, Vec<usize>>,
    globs: HashMap<Box<str>, Vec<(Pattern, usize)>>,
    /// The lengths in bytes of the keys of `globs`, ascending.
    prefix_lengths: Vec<usize>,
}

impl PatternIndex {
    /// Indexes patterns by their position.
    pub(crate) fn new<'a>(patterns: impl IntoIterator<Item = &'a Pattern>) -> Self {
        let mut index = PatternIndex::default();
        for (position, pattern) in patterns.into_iter().enumerate() {
            if pattern.is_exact() {
                index.exact.entry(pattern.0.clone()).or_default().push(position);
            } else {
                let prefix = pattern.literal_prefix();
                index.prefix_lengths.push(prefix.len());
                index.globs.entry(prefix.into()).or_default().push((pattern.clone(), position));
            }
        }
        index.prefix_lengths.sort_unstable();
        index.prefix_lengths.dedup();
        index
    }

    /// Calls `found` with the position of each pattern that matches, exact ones first, else in no order.
    pub(crate) fn each_match(&self, name: &str, mut found: impl FnMut(usize)) {
        for position in self.exact.get(name).into_iter().flatten() {
            found(*position);
        }
        for length in &self.prefix_lengths {
            // A prefix that ends inside a character of the name is no prefix of it.
            let Some(prefix) = name.get(..*length) else { continue };
            for (pattern, position) in self.globs.get(prefix).into_iter().flatten() {
                if pattern.matches(name) {
                    found(*position);
                }
            }
        }
    }

    /// The first pattern that matches, in the order they were given.
    pub(crate) fn first_match(&self, name: &str) -> Option<usize> {
        let mut first: Option<usize> = None;
        self.each_match(name, |position| first = Some(first.map_or(position, |known| known.min(position))));
        first
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("get_*", "get_", true)]
    #[case("get_*", "get", false)]
    #[case("r?n", "run", true)]
    #[case("r?n", "rn", false)]
    #[case("*_x_*", "_x_", true)]
    #[case("*_x_*", "a_x_b", true)]
    #[case("*_x_*", "ax_b", false)]
    #[case("a.b", "axb", false)]
    #[case("[ab]", "a", false)]
    #[case("ün?.code", "ünï.code", true)]
    #[case("ün?.code", "ün.code", false)]
    #[case("*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaac", false)]
    #[case("*ab", "aab", true)]
    #[case("*", "", true)]
    #[case("?", "", false)]
    #[case("**?", "x", true)]
    fn pattern_and_name_match_as_the_page_says(#[case] pattern: &str, #[case] name: &str, #[case] expected: bool) {
        let pattern = Pattern::parse(pattern).unwrap();
        assert_eq!(pattern.matches(name), expected);
        assert_eq!(PatternIndex::new([&pattern]).first_match(name).is_some(), expected);
    }
}
