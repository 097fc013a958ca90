//! Platt scaling: a logistic regression of "up" on one logit.
//!
//! Source: J. Platt, "Probabilistic outputs for support vector machines", 1999; the fit is Newton's
//! method with step halving, as in Lin, Lin and Weng, "A note on Platt's probabilistic outputs",
//! 2007.

/// Probability up as `sigmoid(intercept + slope * z)`, where `z` is a direction output, a logit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Platt {
    /// Logit of a rise where `z` is 0.
    pub intercept: f64,
    /// What `z` is multiplied by, at least 0.
    pub slope: f64,
}

/// Rows of (nearly) the same direction output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Their mean direction output, a logit.
    pub z: f64,
    /// How many, or their weight.
    pub n: f64,
    /// How many of them rose, from 0 to `n`.
    pub ups: f64,
}

/// What a fit falls back on where rows say little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlattPrior {
    /// The fit without any row.
    pub centre: Platt,
    /// Precision of the intercept: the Fisher information that the prior is worth. A quarter of a
    /// row's weight is what a row at probability one half is worth.
    pub intercept_precision: f64,
    /// Precision of the slope.
    pub slope_precision: f64,
}

/// The standard logistic function.
pub(crate) fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// Its inverse.
pub(crate) fn logit(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

/// `ln(1 + exp(x))` without overflow.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Newton steps at most; a warm start takes two or three.
const MAX_STEPS: usize = 50;
/// A step that changes both numbers by less is the last.
const TOLERANCE: f64 = 1e-10;

impl Platt {
    /// Takes direction outputs as they are.
    pub const IDENTITY: Self = Self {
        intercept: 0.0,
        slope: 1.0,
    };

    /// The logit of a rise.
    pub fn logit(&self, z: f64) -> f64 {
        self.intercept + self.slope * z
    }

    /// The probability of a rise.
    pub fn probability(&self, z: f64) -> f64 {
        sigmoid(self.logit(z))
    }

    /// The log loss summed over the rows of a bin, in nats.
    pub(crate) fn loss(&self, bin: &Bin) -> f64 {
        let logit = self.logit(bin.z);
        bin.n * softplus(logit) - bin.ups * logit
    }

    /// Maximises the likelihood of the bins, times the prior, over intercepts and slopes of at least
    /// 0. Without rows and with a prior of precision 0 it is the prior's centre.
    ///
    /// `start` saves steps; the result depends on it only within 1e-9.
    pub fn fit<'a>(
        bins: impl Iterator<Item = &'a Bin> + Clone,
        prior: &PlattPrior,
        start: Self,
    ) -> Self {
        let fitted = newton(&bins, prior, start, true);
        if fitted.slope >= 0.0 {
            return fitted;
        }
        // The likelihood is concave: with the slope held at its bound, the best intercept is left.
        let flat = Self {
            slope: 0.0,
            ..fitted
        };
        newton(&bins, prior, flat, false)
    }
}

/// Objective, gradient and Hessian at one point.
struct Curvature {
    loss: f64,
    gradient: [f64; 2],
    /// `[aa, ab, bb]`
    hessian: [f64; 3],
}

fn curvature<'a>(bins: impl Iterator<Item = &'a Bin>, prior: &PlattPrior, at: Platt) -> Curvature {
    let from = [
        at.intercept - prior.centre.intercept,
        at.slope - prior.centre.slope,
    ];
    let precision = [prior.intercept_precision, prior.slope_precision];
    let mut sum = Curvature {
        loss: 0.5 * (precision[0] * from[0] * from[0] + precision[1] * from[1] * from[1]),
        gradient: [precision[0] * from[0], precision[1] * from[1]],
        hessian: [precision[0], 0.0, precision[1]],
    };
    for bin in bins {
        let p = at.probability(bin.z);
        let excess = bin.n * p - bin.ups;
        let information = bin.n * p * (1.0 - p);
        sum.loss += at.loss(bin);
        sum.gradient[0] += excess;
        sum.gradient[1] += excess * bin.z;
        sum.hessian[0] += information;
        sum.hessian[1] += information * bin.z;
        sum.hessian[2] += information * bin.z * bin.z;
    }
    sum
}

fn newton<'a>(
    bins: &(impl Iterator<Item = &'a Bin> + Clone),
    prior: &PlattPrior,
    start: Platt,
    free_slope: bool,
) -> Platt {
    let mut at = start;
    let mut here = curvature(bins.clone(), prior, at);
    for _ in 0..MAX_STEPS {
        let Some(step) = newton_step(&here, free_slope) else {
            return at;
        };
        let mut scale = 1.0;
        let (next, there) = loop {
            let next = Platt {
                intercept: at.intercept - scale * step[0],
                slope: at.slope - scale * step[1],
            };
            let there = curvature(bins.clone(), prior, next);
            if there.loss <= here.loss {
                break (next, there);
            }
            scale /= 2.0;
            if scale < 1e-6 {
                return at;
            }
        };
        let moved = (next.intercept - at.intercept)
            .abs()
            .max((next.slope - at.slope).abs());
        (at, here) = (next, there);
        if moved < TOLERANCE {
            break;
        }
    }
    at
}

/// `H^-1 g`, or `None` where the curvature says nothing.
fn newton_step(at: &Curvature, free_slope: bool) -> Option<[f64; 2]> {
    let [aa, ab, bb] = at.hessian;
    let [ga, gb] = at.gradient;
    let determinant = aa * bb - ab * ab;
    let step = if free_slope && determinant > 1e-12 * aa * bb {
        [
            (bb * ga - ab * gb) / determinant,
            (aa * gb - ab * ga) / determinant,
        ]
    } else if aa > 0.0 {
        [ga / aa, 0.0]
    } else {
        return None;
    };
    step.iter().all(|s| s.is_finite()).then_some(step)
}

#[cfg(test)]
mod tests;
