//! Amounts in millionths, and how they are written.

use std::fmt;

use serde::Serialize;

use crate::decimal::MICROS;

/// An exact number of millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

impl Amount {
    /// From millionths.
    pub const fn from_micros(micros: u64) -> Self {
        Amount(micros)
    }

    /// In millionths.
    pub const fn micros(self) -> u64 {
        self.0
    }

    const fn parts(self) -> (u64, u64) {
        (self.0 / MICROS, self.0 % MICROS)
    }
}

impl fmt::Display for Amount {
    /// As a decimal without superfluous zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (whole, 0) => write!(f, "{whole}"),
            (whole, fraction) => {
                let digits = format!("{fraction:06}");
                write!(f, "{whole}.{}", digits.trim_end_matches('0'))
            }
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.parts() {
            (whole, 0) => serializer.serialize_u64(whole),
            // Sixteen digits at most, of which a double keeps all but, rarely, the last.
            _ => serializer.serialize_f64(self.to_string().parse().unwrap_or(f64::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amount_prints_as_the_shortest_decimal() {
        let text: Vec<String> =
            [0, 1, 100_000, 10_000_000].map(|micros| Amount::from_micros(micros).to_string()).into();
        assert_eq!(text, ["0", "0.000001", "0.1", "10"]);
        assert_eq!(serde_json::to_string(&Amount::from_micros(1_500_000)).unwrap(), "1.5");
    }
}
