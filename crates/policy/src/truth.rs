//! Kleene's three values.

/// True, false, or not to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// The condition holds.
    True,
    /// The condition does not hold.
    False,
    /// The engine cannot tell, and does not guess.
    Indeterminate,
}

impl Truth {
    pub(crate) fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Indeterminate => Truth::Indeterminate,
        }
    }

    /// False as soon as one is false, then indeterminate, then true; true of nothing.
    pub(crate) fn all(values: impl IntoIterator<Item = Truth>) -> Truth {
        let mut result = Truth::True;
        for value in values {
            match value {
                Truth::False => return Truth::False,
                Truth::Indeterminate => result = Truth::Indeterminate,
                Truth::True => {}
            }
        }
        result
    }

    /// True as soon as one is true, then indeterminate, then false; false of nothing.
    pub(crate) fn any(values: impl IntoIterator<Item = Truth>) -> Truth {
        let mut result = Truth::False;
        for value in values {
            match value {
                Truth::True => return Truth::True,
                Truth::Indeterminate => result = Truth::Indeterminate,
                Truth::False => {}
            }
        }
        result
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}
