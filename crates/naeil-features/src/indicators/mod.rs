//! The indicators, one file each: the classic raw series, and the scale-free columns made of them.
//!
//! Raw functions take whole series, oldest first and without gaps, and return a series of the same
//! length whose warm-up is `NaN`, in TA-Lib's convention (recursions are seeded with the simple
//! mean of the first values). Columns divide the scale of price and volume away and are defined in
//! every session after the warm-up: where a quotient has no value, they hold the middle of their
//! scale, as each says.

pub mod atr;
pub mod bar_shape;
pub mod bollinger;
pub mod log_return;
pub mod macd;
pub mod moving_average;
pub mod obv;
pub mod rsi;
pub mod stochastic;
pub(crate) mod stream;
mod talib;
pub mod volatility;
pub mod volume_ratio;

use serde::{Deserialize, Serialize};

use crate::carried::CarriedBars;

/// A scale-free column with its parameters; periods are in sessions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the fields are the parameters that each indicator's file explains"
)]
pub enum Indicator {
    /// ln(close / close `period` sessions before).
    LogReturn { period: usize },
    /// close / simple moving average - 1.
    SmaRatio { period: usize },
    /// close / exponential moving average - 1.
    EmaRatio { period: usize },
    /// Wilder's relative strength index on 0..1, less 0.5.
    Rsi { period: usize },
    /// MACD line / close.
    MacdLine {
        fast: usize,
        slow: usize,
        signal: usize,
    },
    /// MACD signal / close.
    MacdSignal {
        fast: usize,
        slow: usize,
        signal: usize,
    },
    /// MACD histogram / close.
    MacdHistogram {
        fast: usize,
        slow: usize,
        signal: usize,
    },
    /// Place of the close between the Bollinger bands, 0 at the middle.
    BollingerPosition { period: usize, deviations: f64 },
    /// Distance of the Bollinger bands / middle band.
    BollingerWidth { period: usize, deviations: f64 },
    /// Wilder's average true range / close.
    AtrRatio { period: usize },
    /// Fast stochastic %K on 0..1, less 0.5.
    StochasticK { period: usize, smoothing: usize },
    /// Fast stochastic %D on 0..1, less 0.5.
    StochasticD { period: usize, smoothing: usize },
    /// Change of on-balance volume / volume, both over `period` sessions.
    ObvChange { period: usize },
    /// Sample deviation of the one-day log returns.
    Volatility { period: usize },
    /// Volume against its own mean, squashed.
    VolumeRatio { period: usize },
    /// ln(open / close before).
    Gap,
    /// ln(high / low).
    Range,
    /// Place of the close between low and high, 0 at the middle.
    BarPosition,
}

impl Indicator {
    /// The longest period a column may have, so that a server's sessions hold its warm-up. A
    /// recursion also has to forget where it began, which takes many periods: no spec should come
    /// near this with one.
    pub const MAX_PERIOD: usize = 200;

    /// Number of leading sessions without a value.
    pub fn warm_up(&self) -> usize {
        match *self {
            Self::LogReturn { period }
            | Self::Rsi { period }
            | Self::AtrRatio { period }
            | Self::ObvChange { period }
            | Self::Volatility { period } => period,
            Self::SmaRatio { period }
            | Self::EmaRatio { period }
            | Self::BollingerPosition { period, .. }
            | Self::BollingerWidth { period, .. }
            | Self::VolumeRatio { period } => period - 1,
            Self::MacdLine { slow, signal, .. }
            | Self::MacdSignal { slow, signal, .. }
            | Self::MacdHistogram { slow, signal, .. } => slow + signal - 2,
            Self::StochasticK { period, smoothing } | Self::StochasticD { period, smoothing } => {
                period + smoothing - 2
            }
            Self::Gap => 1,
            Self::Range | Self::BarPosition => 0,
        }
    }

    /// Says what is wrong with the parameters, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        let outside = |least: usize, periods: &[usize]| {
            let allowed = least..=Self::MAX_PERIOD;
            let bad = periods.iter().find(|period| !allowed.contains(period))?;
            let most = Self::MAX_PERIOD;
            Some(format!("{bad} sessions, expected {least} to {most}"))
        };
        match *self {
            Self::LogReturn { period }
            | Self::AtrRatio { period }
            | Self::ObvChange { period }
            | Self::VolumeRatio { period } => outside(1, &[period]),
            Self::SmaRatio { period }
            | Self::EmaRatio { period }
            | Self::Rsi { period }
            | Self::Volatility { period } => outside(2, &[period]),
            Self::MacdLine { fast, slow, signal }
            | Self::MacdSignal { fast, slow, signal }
            | Self::MacdHistogram { fast, slow, signal } => {
                if fast < slow {
                    outside(2, &[fast, slow, signal])
                } else {
                    Some(format!(
                        "fast period {fast} is not below slow period {slow}"
                    ))
                }
            }
            Self::BollingerPosition { period, deviations }
            | Self::BollingerWidth { period, deviations } => {
                if deviations.is_finite() && deviations > 0.0 {
                    outside(2, &[period])
                } else {
                    Some(format!(
                        "{deviations} deviations, expected a positive number"
                    ))
                }
            }
            Self::StochasticK { period, smoothing } | Self::StochasticD { period, smoothing } => {
                outside(1, &[period, smoothing])
            }
            Self::Gap | Self::Range | Self::BarPosition => None,
        }
    }

    /// Computes the column over a stock's life; `NaN` in the warm-up, finite after it.
    pub(crate) fn column(&self, bars: &CarriedBars) -> Vec<f64> {
        let close = bars.close.as_slice();
        let (high, low) = (bars.high.as_slice(), bars.low.as_slice());
        match *self {
            Self::LogReturn { period } => log_return::log_return(close, period),
            Self::SmaRatio { period } => {
                moving_average::ratio(close, moving_average::sma(close, period))
            }
            Self::EmaRatio { period } => {
                moving_average::ratio(close, moving_average::ema(close, period))
            }
            Self::Rsi { period } => rsi::centred(close, period),
            Self::MacdLine { fast, slow, signal } => {
                over(macd::macd(close, fast, slow, signal).line, close)
            }
            Self::MacdSignal { fast, slow, signal } => {
                over(macd::macd(close, fast, slow, signal).signal, close)
            }
            Self::MacdHistogram { fast, slow, signal } => {
                over(macd::macd(close, fast, slow, signal).histogram, close)
            }
            Self::BollingerPosition { period, deviations } => {
                bollinger::position(close, period, deviations)
            }
            Self::BollingerWidth { period, deviations } => {
                bollinger::width(close, period, deviations)
            }
            Self::AtrRatio { period } => over(atr::atr(high, low, close, period), close),
            Self::StochasticK { period, smoothing } => {
                let stochastic = stochastic::stochastic(high, low, close, period, smoothing);
                stochastic::centred(stochastic.k)
            }
            Self::StochasticD { period, smoothing } => {
                let stochastic = stochastic::stochastic(high, low, close, period, smoothing);
                stochastic::centred(stochastic.d)
            }
            Self::ObvChange { period } => obv::change(close, &bars.volume, period),
            Self::Volatility { period } => volatility::volatility(close, period),
            Self::VolumeRatio { period } => volume_ratio::squashed(&bars.volume, period),
            Self::Gap => bar_shape::gap(&bars.open, close),
            Self::Range => bar_shape::range(high, low),
            Self::BarPosition => bar_shape::position(high, low, close),
        }
    }
}

/// `series / close`, value by value.
fn over(mut series: Vec<f64>, close: &[f64]) -> Vec<f64> {
    for (value, close) in series.iter_mut().zip(close) {
        *value /= close;
    }
    series
}

/// A series of `n` values: `NaN` for the first `warm_up`, then `value(i)`.
fn after_warm_up(n: usize, warm_up: usize, mut value: impl FnMut(usize) -> f64) -> Vec<f64> {
    let defined = |i| if i < warm_up { f64::NAN } else { value(i) };
    (0..n).map(defined).collect()
}
