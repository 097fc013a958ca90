//! What one step computes, for whoever evaluates it.

use super::graph::{Node, Step, Tap};
use super::ln::ln;
use crate::indicators::{
    atr, bollinger, obv, return_shape, rsi, stochastic, volatility, volume_ratio,
};

/// The arithmetic of a step. Numbers in it are parameters, divisions by them are multiplications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::indicators) enum Formula {
    /// A series of the bars.
    Input,
    /// 0 for ever.
    Zero,
    /// ln(x).
    Ln,
    /// x - y.
    Difference,
    /// x + y.
    Sum,
    /// The larger of x and y.
    Larger,
    /// The smaller of x and y.
    Smaller,
    /// x times the number.
    Scaled(f64),
    /// x / y.
    Quotient,
    /// x / y times the number, less 1.
    RelativeTo(f64),
    /// (x - y)^2 / 2, the squares of a pair around its mean.
    PairSquares,
    /// Squares around the mean of two windows made one: see `rolling`.
    Squares { newer: f64, older: f64 },
    /// Cubes around the mean of two windows made one: see `rolling`.
    Cubes { newer: f64, older: f64 },
    /// Exponential average with this weight for the newest, seeded in the step's first session
    /// with the mean of the last `count` values.
    Ema { weight: f64, count: usize },
    /// Once it has run for `sessions`, an average of nothing below 0 less the share `kept` of the
    /// one so many sessions before: nothing older is left in it, the seed included.
    Forgetting { kept: f64, sessions: usize },
    /// Running sum, 0 before the first.
    RunningSum,
    /// Number of sessions since the close changed.
    Rest,
    /// 1 if the close is the one before, else 0.
    Unchanged,
    /// max(x - y, 0).
    Gain,
    /// max(y - x, 0).
    Loss,
    /// The true range.
    TrueRange,
    /// Volume with the sign of the close's change.
    SignedVolume,
    /// RSI on 0..100.
    Rsi,
    /// RSI on 0..1 less 0.5, 0 after so many sessions of rest.
    RsiCentred { forgotten: f64 },
    /// A Bollinger band, this many deviations above the mean of `count`.
    Band { count: f64, deviations: f64 },
    /// Distance from the mean in deviations, clipped.
    BollingerPosition { count: f64 },
    /// Distance of the bands over the mean.
    BollingerWidth { count: f64, deviations: f64 },
    /// Place of x between y and z, 0..1.
    PlaceInRange,
    /// Place of x between y and z, less 0.5.
    PlaceInRangeCentred,
    /// Signed volume over volume.
    ObvSlope,
    /// Sample deviation from squares.
    Deviation { count: f64 },
    /// ln of the quotient of two deviations, clipped.
    LogDeviationRatio,
    /// x over the mean of `count`.
    VolumeRatio { count: f64 },
    /// ln of the quotient of two means, clipped.
    LogVolumeRatio { short: f64, long: f64 },
    /// Skewness from cubes and squares.
    Skew { count: f64 },
}

/// Runs one step's arithmetic where its values are.
pub(in crate::indicators) trait Evaluator {
    /// Sets every value to the same one.
    fn fill(&mut self, value: f64);

    /// Sets every value to `f` of the tap's value.
    fn map1(&mut self, taps: [Tap; 1], f: impl Fn([f64; 1]) -> f64);

    /// Sets every value to `f` of the taps' values.
    fn map2(&mut self, taps: [Tap; 2], f: impl Fn([f64; 2]) -> f64);

    /// Sets every value to `f` of the taps' values.
    fn map3(&mut self, taps: [Tap; 3], f: impl Fn([f64; 3]) -> f64);

    /// Sets every value to `f` of the taps' values.
    fn map4(&mut self, taps: [Tap; 4], f: impl Fn([f64; 4]) -> f64);

    /// Sets every value to `f` of the taps' values.
    fn map6(&mut self, taps: [Tap; 6], f: impl Fn([f64; 6]) -> f64);

    /// Sets every value to `f` of the value before, at first 0, and the tap's value.
    fn scan(&mut self, tap: Tap, f: impl Fn(f64, f64) -> f64);

    /// Sets every value to the exponential average of the tap's values.
    fn ema(&mut self, tap: Tap, weight: f64, count: usize);

    /// Sets every value to the tap's, and from `lag` sessions after the first on to `f` of it and
    /// the one `lag` sessions before.
    fn map_later(&mut self, node: Node, lag: usize, f: impl Fn([f64; 2]) -> f64);
}

/// Evaluates a step.
#[inline(always)]
pub(in crate::indicators) fn evaluate(step: &Step, on: &mut impl Evaluator) {
    use Formula::*;
    match step.formula {
        Input => {}
        Zero => on.fill(0.0),
        Ln => on.map1(step.first(), |[x]| ln(x)),
        Difference => on.map2(step.first(), |[x, y]| x - y),
        Sum => on.map2(step.first(), |[x, y]| x + y),
        Larger => on.map2(step.first(), |[x, y]| if x > y { x } else { y }),
        Smaller => on.map2(step.first(), |[x, y]| if x < y { x } else { y }),
        Scaled(factor) => on.map1(step.first(), |[x]| x * factor),
        Quotient => on.map2(step.first(), |[x, y]| x / y),
        RelativeTo(factor) => on.map2(step.first(), |[x, y]| x * factor / y - 1.0),
        PairSquares => on.map2(step.first(), |[x, y]| 0.5 * (x - y) * (x - y)),
        Squares { newer, older } => {
            let (per_newer, per_older) = (1.0 / newer, 1.0 / older);
            let weight = newer * older / (newer + older);
            on.map4(step.first(), |[squares, before, sum, sum_before]| {
                let distance = sum * per_newer - sum_before * per_older;
                squares + before + distance * distance * weight
            });
        }
        Cubes { newer, older } => {
            let (per_newer, per_older) = (1.0 / newer, 1.0 / older);
            let count = newer + older;
            let cubed = newer * older * (older - newer) / (count * count);
            let (of_newer, of_older) = (3.0 * older / count, 3.0 * newer / count);
            on.map6(
                step.first(),
                |[cubes, before, squares, squares_before, sum, sum_before]| {
                    let distance = sum * per_newer - sum_before * per_older;
                    let mixed = of_newer * squares - of_older * squares_before;
                    cubes + before + distance * (distance * distance * cubed + mixed)
                },
            );
        }
        Ema { weight, count } => on.ema(step.taps()[0], weight, count),
        Forgetting { kept, sessions } => {
            on.map_later(step.taps()[0].node, sessions, |[now, before]| {
                // Rounding may leave less than nothing.
                (now - kept * before).max(0.0)
            });
        }
        RunningSum => on.scan(step.taps()[0], |sum, x| sum + x),
        Rest => on.scan(step.taps()[0], |rest, x| (rest + x) * x),
        Unchanged => on.map2(step.first(), |[x, y]| obv::unchanged(x, y)),
        Gain => on.map2(step.first(), |[x, y]| if x > y { x - y } else { 0.0 }),
        Loss => on.map2(step.first(), |[x, y]| if y > x { y - x } else { 0.0 }),
        TrueRange => on.map3(step.first(), atr::true_range),
        SignedVolume => on.map3(step.first(), |[x, y, volume]| obv::direction(x, y) * volume),
        Rsi => on.map2(step.first(), rsi::hundredths),
        RsiCentred { forgotten } => on.map3(step.first(), |taps| rsi::centred(taps, forgotten)),
        Band { count, deviations } => {
            let per = 1.0 / count;
            on.map2(step.first(), |taps| bollinger::band(taps, per, deviations));
        }
        BollingerPosition { count } => {
            let per = 1.0 / count;
            on.map3(step.first(), |taps| bollinger::position(taps, per));
        }
        BollingerWidth { count, deviations } => {
            let per = 1.0 / count;
            on.map2(step.first(), |taps| bollinger::width(taps, per, deviations));
        }
        PlaceInRange => on.map3(step.first(), stochastic::place),
        PlaceInRangeCentred => on.map3(step.first(), |taps| stochastic::place(taps) - 0.5),
        ObvSlope => on.map2(step.first(), obv::slope_value),
        Deviation { count } => {
            let per = 1.0 / (count - 1.0);
            on.map1(step.first(), |[squares]| (squares * per).sqrt());
        }
        LogDeviationRatio => on.map2(step.first(), volatility::log_ratio_value),
        VolumeRatio { count } => on.map2(step.first(), |taps| volume_ratio::ratio(taps, count)),
        LogVolumeRatio { short, long } => {
            let factor = long / short;
            on.map2(step.first(), |taps| {
                volume_ratio::log_ratio_value(taps, factor)
            });
        }
        Skew { count } => {
            let per = 1.0 / count;
            on.map2(step.first(), |taps| return_shape::skew_value(taps, per));
        }
    }
}
