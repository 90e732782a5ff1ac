//! What a trial found out.

use std::fmt;

use serde::Serialize;

/// The figures of one trial, and what of the promise did not hold.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The trial.
    pub trial: &'static str,
    /// In the order in which they are to be read.
    pub figures: Vec<Figure>,
    /// Empty when the promise held.
    pub broken: Vec<String>,
}

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was counted or measured, with its unit.
    pub name: String,
    /// How much.
    pub value: String,
}

/// More of one kind than so many are not listed.
const LISTED: usize = 20;

impl Figures {
    /// None yet.
    #[must_use]
    pub const fn of(trial: &'static str) -> Self {
        Self { trial, figures: Vec::new(), broken: Vec::new() }
    }

    /// Adds a figure.
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts read better without a reference")]
    pub fn add(&mut self, name: impl Into<String>, value: impl ToString) {
        self.figures.push(Figure { name: name.into(), value: value.to_string() });
    }

    /// Says what did not hold.
    pub fn broke(&mut self, what: impl Into<String>) {
        self.broken.push(what.into());
    }

    /// Says it unless it is so.
    pub fn check(&mut self, is_so: bool, otherwise: impl FnOnce() -> String) {
        if !is_so {
            self.broken.push(otherwise());
        }
    }

    /// Whether everything held.
    #[must_use]
    pub const fn held(&self) -> bool {
        self.broken.is_empty()
    }

    /// For a test.
    ///
    /// # Panics
    ///
    /// When something did not hold.
    pub fn assert_held(&self) {
        assert!(self.held(), "{self}");
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or_default();
        writeln!(f, "{}", self.trial)?;
        for figure in &self.figures {
            writeln!(f, "  {:<width$}  {}", figure.name, figure.value)?;
        }
        for broken in self.broken.iter().take(LISTED) {
            writeln!(f, "  BROKEN: {broken}")?;
        }
        if self.broken.len() > LISTED {
            writeln!(f, "  and {} more", self.broken.len() - LISTED)?;
        }
        writeln!(f, "  {}", if self.held() { "held" } else { "DID NOT HOLD" })
    }
}

/// `count` of `whole` in per cent, for reading.
#[must_use]
pub fn share(count: f64, whole: f64) -> String {
    if whole == 0.0 { String::from("-") } else { format!("{:.1} %", count / whole * 100.0) }
}
