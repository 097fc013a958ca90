//! Sigmoid and hyperbolic tangent of vectors.
//!
//! Both come from one exponential: `x = n ln 2 + r` with `|r| <= ln 2 / 2`, and
//! `exp(x) - 1 = 2^n p(r) + (2^n - 1)`. The constant stays apart from `p`, so that `tanh` keeps its
//! relative precision around 0. What is not a number stays so.
//!
//! # Source
//! Range reduction in two steps after Cody and Waite (1980). The polynomial is a minimax fit of
//! `(exp(r) - 1 - r) / r^2`, weighted for the relative error of `exp(r) - 1`: 1.3e-8.

use crate::simd::Simd;

const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -0.000_212_194_44;
const POLYNOMIAL: [f32; 5] = [
    0.499_999_97,
    0.166_665_43,
    0.041_667_2,
    0.008_366_548,
    0.001_388_251_1,
];

/// `exp` overflows beyond 88.7; 1 / (1 + exp(87)) is still a normal number.
const SIGMOID_LIMIT: f32 = 87.0;
/// tanh(9.02) rounds to 1.
const TANH_LIMIT: f32 = 9.5;

/// `(2^n, p)` with `exp(x) = 2^n (1 + p)`, for `|x| <= 87`.
///
/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
unsafe fn exp_parts<V: Simd>(x: V) -> (V, V) {
    // SAFETY: the caller's promise; no memory is touched.
    unsafe {
        let n = x.mul(V::splat(core::f32::consts::LOG2_E)).round();
        let r = n.fnma(V::splat(LN_2_HIGH), x);
        let r = n.fnma(V::splat(LN_2_LOW), r);
        let mut q = V::splat(POLYNOMIAL[4]);
        q = q.fma(r, V::splat(POLYNOMIAL[3]));
        q = q.fma(r, V::splat(POLYNOMIAL[2]));
        q = q.fma(r, V::splat(POLYNOMIAL[1]));
        q = q.fma(r, V::splat(POLYNOMIAL[0]));
        (n.exp2_whole(), r.mul(r).fma(q, r))
    }
}

/// `1 / (1 + exp(-x))`; relative error below 2e-7 for `|x| <= 87`, beyond that the value at the limit.
///
/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn sigmoid<V: Simd>(x: V) -> V {
    // SAFETY: the caller's promise; no memory is touched.
    unsafe {
        let x = V::splat(-SIGMOID_LIMIT).max(V::splat(SIGMOID_LIMIT).min(x));
        let (scale, p) = exp_parts(V::splat(0.0).sub(x));
        let one = V::splat(1.0);
        one.div(scale.fma(p, scale).add(one))
    }
}

/// The hyperbolic tangent; relative error below 2e-7.
///
/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn tanh<V: Simd>(x: V) -> V {
    // SAFETY: the caller's promise; no memory is touched.
    unsafe {
        let x = V::splat(-TANH_LIMIT).max(V::splat(TANH_LIMIT).min(x));
        let (scale, p) = exp_parts(x.add(x));
        let exp_minus_1 = scale.fma(p, scale.sub(V::splat(1.0)));
        exp_minus_1.div(exp_minus_1.add(V::splat(2.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::{sigmoid, tanh};
    use crate::execution::Instructions;
    use crate::simd::{Kernel, Simd, dispatch};

    /// Both functions of every value; the length is a multiple of 16.
    struct Both<'a> {
        x: &'a [f32],
    }

    impl Kernel for Both<'_> {
        type Output = (Vec<f32>, Vec<f32>);

        #[inline(always)]
        unsafe fn run<V: Simd>(self) -> Self::Output {
            let mut out = (vec![0.0; self.x.len()], vec![0.0; self.x.len()]);
            assert_eq!(self.x.len() % 16, 0);
            for at in (0..self.x.len()).step_by(V::LANES) {
                // SAFETY: `at + LANES` is at most the length of all three.
                unsafe {
                    let x = V::load(self.x.as_ptr().add(at));
                    sigmoid(x).store(out.0.as_mut_ptr().add(at));
                    tanh(x).store(out.1.as_mut_ptr().add(at));
                }
            }
            out
        }
    }

    fn both(instructions: Instructions, x: &[f32]) -> (Vec<f32>, Vec<f32>) {
        assert!(instructions.is_available());
        // SAFETY: just checked.
        unsafe { dispatch(instructions, Both { x }) }
    }

    #[test]
    fn relative_errors_are_small_everywhere() {
        let mut x: Vec<f32> = (-870_000..=870_000).map(|i| i as f32 * 1e-4).collect();
        for magnitude in -30..0 {
            x.extend((1..400).flat_map(|i| {
                let x = i as f32 * 0.0025 * 10.0_f32.powi(magnitude);
                [x, -x]
            }));
        }
        x.resize(x.len().next_multiple_of(16), 0.0);
        for instructions in Instructions::ALL {
            if !instructions.is_available() {
                eprintln!("skipped: no {}", instructions.as_str());
                continue;
            }
            let (sigmoids, tanhs) = both(instructions, &x);
            let (mut worst_sigmoid, mut worst_tanh) = (0.0_f64, 0.0_f64);
            for ((&x, &s), &t) in x.iter().zip(&sigmoids).zip(&tanhs) {
                let x = f64::from(x);
                let expected = 1.0 / (1.0 + (-x).exp());
                worst_sigmoid = worst_sigmoid.max((f64::from(s) / expected - 1.0).abs());
                if x != 0.0 {
                    worst_tanh = worst_tanh.max((f64::from(t) / x.tanh() - 1.0).abs());
                }
                assert!((0.0..=1.0).contains(&s) && (-1.0..=1.0).contains(&t));
            }
            let name = instructions.as_str();
            eprintln!("{name}: sigmoid {worst_sigmoid:.2e}, tanh {worst_tanh:.2e}");
            assert!(worst_sigmoid < 2e-7, "{name}: sigmoid {worst_sigmoid:e}");
            assert!(worst_tanh < 2e-7, "{name}: tanh {worst_tanh:e}");
        }
    }

    #[test]
    fn the_ends_of_the_range_saturate_and_nan_stays() {
        let mut x = [0.0_f32; 16];
        x[..6].copy_from_slice(&[
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN,
            f32::NAN,
            -0.0,
        ]);
        for instructions in Instructions::ALL.into_iter().filter(|i| i.is_available()) {
            let (s, t) = both(instructions, &x);
            assert_eq!([s[0], s[2], s[5], s[6]], [1.0, 1.0, 0.5, 0.5]);
            assert!(s[1] < 1e-37 && s[3] < 1e-37);
            assert_eq!([t[0], t[1], t[2], t[3], t[6]], [1.0, -1.0, 1.0, -1.0, 0.0]);
            assert!(s[4].is_nan() && t[4].is_nan());
        }
    }
}
