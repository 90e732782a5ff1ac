//! Numbers compared by the decimal that is written, without rounding and without allocation.

use std::cmp::Ordering;

/// Millionths in one.
pub(crate) const MICROS: u64 = 1_000_000;

/// The largest amount and the largest `max`, in millionths.
pub(crate) const MAX_MICROS: u64 = 4_000_000_000 * MICROS;

/// A JSON number: a sign, the digits from the first to the last that is not zero, and where the point stands.
///
/// The value is 0.d₁d₂d₃… × 10^`point`. Exponents beyond the range of `i64` saturate, which no comparison of two
/// numbers that fit in memory can tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal<'a> {
    is_negative: bool,
    /// Digits before and behind the written point; zeros at both ends of the whole run are skipped.
    whole: &'a str,
    fraction: &'a str,
    point: i64,
}

impl<'a> Decimal<'a> {
    /// Reads a number in JSON's syntax; anything else gives some number, never a panic.
    pub(crate) fn parse(text: &'a str) -> Self {
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (digits, exponent) = match rest.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, parse_exponent(exponent)),
            None => (rest, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let (whole, fraction, point) = if whole.is_empty() {
            let stripped = fraction.trim_start_matches('0');
            ("", stripped, length(stripped).saturating_sub(length(fraction)))
        } else if fraction.is_empty() {
            (whole.trim_end_matches('0'), "", length(whole))
        } else {
            (whole, fraction, length(whole))
        };
        if whole.is_empty() && fraction.is_empty() {
            return Decimal { is_negative: false, whole, fraction, point: 0 };
        }
        Decimal { is_negative, whole, fraction, point: point.saturating_add(exponent) }
    }

    fn is_zero(self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn digits(self) -> impl Iterator<Item = u8> + 'a {
        self.whole.bytes().chain(self.fraction.bytes())
    }

    fn digit_count(self) -> i64 {
        length(self.whole).saturating_add(length(self.fraction))
    }

    fn sign(self) -> i8 {
        match (self.is_zero(), self.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    pub(crate) fn compare(self, other: Decimal<'_>) -> Ordering {
        let by_sign = self.sign().cmp(&other.sign());
        if by_sign != Ordering::Equal || self.is_zero() {
            return by_sign;
        }
        // Neither run of digits ends in zero, so the longer of two that begin alike is the larger.
        let by_size = self.point.cmp(&other.point).then_with(|| self.digits().cmp(other.digits()));
        if self.is_negative { by_size.reverse() } else { by_size }
    }

    /// The value in millionths: `None` where it is negative, above [`MAX_MICROS`], or finer than a millionth.
    pub(crate) fn to_micros(self) -> Option<u64> {
        if self.is_zero() {
            return Some(0);
        }
        let zeros = self.point.checked_add(6)?.checked_sub(self.digit_count())?;
        if self.is_negative || zeros < 0 || self.point > 10 {
            return None;
        }
        self.scaled(zeros).filter(|micros| *micros <= MAX_MICROS)
    }

    /// The value where it is an integer of at least zero that fits.
    pub(crate) fn to_u64(self) -> Option<u64> {
        if self.is_zero() {
            return Some(0);
        }
        let zeros = self.point.checked_sub(self.digit_count())?;
        if self.is_negative || zeros < 0 || self.point > 20 {
            return None;
        }
        self.scaled(zeros)
    }

    fn scaled(self, zeros: i64) -> Option<u64> {
        let mut value = 0_u64;
        for digit in self.digits() {
            value = value.checked_mul(10)?.checked_add(u64::from(digit.saturating_sub(b'0')))?;
        }
        value.checked_mul(10_u64.checked_pow(u32::try_from(zeros).ok()?)?)
    }
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

fn parse_exponent(text: &str) -> i64 {
    let saturated = if text.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
    text.parse().map_or(saturated, |exponent: i64| exponent.clamp(i64::MIN / 2, i64::MAX / 2))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1", "1.0", Ordering::Equal)]
    #[case("1", "10E-1", Ordering::Equal)]
    #[case("-0", "0.000e5", Ordering::Equal)]
    #[case("100", "1e2", Ordering::Equal)]
    #[case("0.001", "1e-3", Ordering::Equal)]
    #[case("12.5", "1.25e+1", Ordering::Equal)]
    #[case("9007199254740993", "9007199254740992", Ordering::Greater)]
    #[case("0.1", "0.10000000000000000000000001", Ordering::Less)]
    #[case("-2", "-1", Ordering::Less)]
    #[case("-1", "1", Ordering::Less)]
    #[case("-1", "0", Ordering::Less)]
    #[case("99", "100", Ordering::Less)]
    #[case("0.09", "0.1", Ordering::Less)]
    #[case("120", "12", Ordering::Greater)]
    #[case("1e-99999999999999999999", "0", Ordering::Greater)]
    fn decimals_compare_as_they_are_written(#[case] left: &str, #[case] right: &str, #[case] expected: Ordering) {
        assert_eq!(Decimal::parse(left).compare(Decimal::parse(right)), expected);
        assert_eq!(Decimal::parse(right).compare(Decimal::parse(left)), expected.reverse());
    }

    #[rstest]
    #[case("0.1", Some(100_000))]
    #[case("0.000001", Some(1))]
    #[case("1e-6", Some(1))]
    #[case("0.0000010", Some(1))]
    #[case("0.0000001", None)]
    #[case("1.0000001", None)]
    #[case("4000000000", Some(MAX_MICROS))]
    #[case("4000000000.000001", None)]
    #[case("4e9", Some(MAX_MICROS))]
    #[case("1e300", None)]
    #[case("-1", None)]
    #[case("-0", Some(0))]
    #[case("0", Some(0))]
    fn amount_is_exact_or_none(#[case] text: &str, #[case] micros: Option<u64>) {
        assert_eq!(Decimal::parse(text).to_micros(), micros);
    }

    #[rstest]
    #[case("3", Some(3))]
    #[case("3.0", Some(3))]
    #[case("1e2", Some(100))]
    #[case("3.5", None)]
    #[case("-1", None)]
    #[case("18446744073709551615", Some(u64::MAX))]
    #[case("18446744073709551616", None)]
    fn integer_is_taken_by_value(#[case] text: &str, #[case] expected: Option<u64>) {
        assert_eq!(Decimal::parse(text).to_u64(), expected);
    }
}
