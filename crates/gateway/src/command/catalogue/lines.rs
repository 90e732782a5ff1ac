//! Lines of a file of any size, none of which takes more memory than a definition may.

use std::io::{BufRead, Read as _};

/// Longest line that is read, in bytes: definitions larger than that are none.
pub(super) const LINE_MAX: u64 = 4 * 1024 * 1024;

/// A line that is not blank.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Read(Vec<u8>),
    /// Longer than [`LINE_MAX`]; it is passed over.
    TooLong,
}

/// Reads line by line.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, number: 0 }
    }

    /// The next line that is not blank, with its number; none at the end.
    pub(super) fn next(&mut self) -> std::io::Result<Option<(u64, Line)>> {
        loop {
            let mut line = Vec::new();
            self.number += 1;
            if self.reader.by_ref().take(LINE_MAX + 1).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            if line.len() as u64 > LINE_MAX {
                self.pass_over()?;
                return Ok(Some((self.number, Line::TooLong)));
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some((self.number, Line::Read(line))));
            }
        }
    }

    fn pass_over(&mut self) -> std::io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(length);
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }
}
