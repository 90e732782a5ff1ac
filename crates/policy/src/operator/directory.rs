//! Absolute paths, with `.` and `..` resolved as text.

/// A path as a list of its parts; links are not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directory(Vec<Box<str>>);

impl Directory {
    /// `None` for what is no absolute path, or has a backslash or a NUL, which some systems read differently.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !text.starts_with('/') || text.contains(['\\', '\0']) {
            return None;
        }
        let mut parts: Vec<Box<str>> = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                // The root is its own parent.
                ".." => drop(parts.pop()),
                name => parts.push(name.into()),
            }
        }
        Some(Directory(parts))
    }

    /// Whether a path is this directory or lies below it.
    pub(crate) fn holds(&self, path: &Directory) -> bool {
        path.0.starts_with(&self.0)
    }
}
