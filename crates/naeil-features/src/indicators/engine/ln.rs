//! The natural logarithm, without branches.

use std::f64::consts::SQRT_2;

/// Computes ln(x) to within one unit in the last place; `NaN` for what is not a positive normal
/// number.
///
/// The platform's logarithm is a call per value, and another one on another machine; this one
/// becomes vector code and gives the same bits everywhere.
///
/// # Source
/// FreeBSD msun `e_log.c` (Sun Microsystems, 1993): x = 2^k (1 + f), s = f / (2 + f),
/// ln(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + R(s^2))).
#[inline(always)]
#[expect(clippy::excessive_precision, reason = "the constants as published")]
#[expect(clippy::manual_range_contains, reason = "`&` has no branch")]
pub(in crate::indicators) fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.93147180369123816490e-01;
    const LN2_LOW: f64 = 1.90821492927058770002e-10;
    const R: [f64; 7] = [
        6.666666666666735130e-01,
        3.999999999940941908e-01,
        2.857142874366239149e-01,
        2.222219843214978396e-01,
        1.818357216161805012e-01,
        1.531383769920937332e-01,
        1.479819860511658591e-01,
    ];
    const ONE: u64 = 1.0_f64.to_bits();
    const HALF_ROOT: u64 = (SQRT_2 / 2.0).to_bits();
    const MANTISSA: u64 = (1 << 52) - 1;
    const TWO_52: f64 = 4_503_599_627_370_496.0;

    // Moved so that the exponent field steps at sqrt(1/2), and 1 + f lies around 1.
    let moved = x.to_bits().wrapping_add(ONE - HALF_ROOT);
    // An integer below 2^52 becomes a float by putting it into the mantissa of 2^52.
    let exponent = f64::from_bits((moved >> 52) | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let f = f64::from_bits((moved & MANTISSA) + HALF_ROOT) - 1.0;

    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (R[1] + w * (R[3] + w * R[5]));
    let even = z * (R[0] + w * (R[2] + w * (R[4] + w * R[6])));
    let half_square = 0.5 * f * f;
    let tail = s * (half_square + (odd + even)) + exponent * LN2_LOW;
    let value = exponent * LN2_HIGH - ((half_square - tail) - f);
    if (x >= f64::MIN_POSITIVE) & (x <= f64::MAX) {
        value
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library_to_the_last_places() {
        let mut x: f64 = 1e-300;
        while x < 1e300 {
            for x in [x, x * 1.000_000_1, x * 1.3, x * SQRT_2, x * 1.5] {
                let expected = x.ln();
                let step = f64::EPSILON * expected.abs();
                assert!(
                    (ln(x) - expected).abs() <= step,
                    "{x}: {} {expected}",
                    ln(x)
                );
            }
            x *= 1.37;
        }
        // Around 1, where the relative error is hardest to keep.
        for i in 1..2_000 {
            for x in [1.0 + f64::from(i) * 1e-5, 1.0 - f64::from(i) * 1e-5] {
                let expected = x.ln();
                assert!((ln(x) - expected).abs() <= f64::EPSILON * expected.abs());
            }
        }
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln(2.0), std::f64::consts::LN_2);
        assert_eq!(ln(f64::MAX), f64::MAX.ln());
        assert_eq!(ln(f64::MIN_POSITIVE), f64::MIN_POSITIVE.ln());
    }

    #[test]
    fn what_has_no_logarithm_is_not_a_number() {
        for x in [
            0.0,
            -0.0,
            -1.0,
            1e-310,
            f64::NAN,
            f64::INFINITY,
            -f64::INFINITY,
        ] {
            assert!(ln(x).is_nan(), "{x}");
        }
    }
}
