//! The registry: every column that a spec may ask for.

use serde::{Deserialize, Serialize};

use super::engine::graph::{Graph, Node};
use super::{
    atr, bar_shape, bollinger, log_return, macd, moving_average, obv, return_shape, rsi,
    stochastic, volatility, volume_ratio,
};

/// A scale-free column with its parameters; periods are in sessions.
///
/// Those without parameters are empty structs: of a unit, serde would take unknown ones in silence.
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
    MacdLine { fast: usize, slow: usize },
    /// MACD histogram / close.
    MacdHistogram {
        fast: usize,
        slow: usize,
        signal: usize,
    },
    /// Distance of the close from its mean in population deviations, within -3..3.
    BollingerPosition { period: usize },
    /// Distance of the Bollinger bands / middle band.
    BollingerWidth { period: usize, deviations: f64 },
    /// Wilder's average true range / close.
    AtrRatio { period: usize },
    /// Fast stochastic %K on 0..1, less 0.5: the close's place in the range of highs and lows.
    StochasticK { period: usize },
    /// Fast stochastic %D, the mean of %K, on 0..1, less 0.5.
    StochasticD { period: usize, smoothing: usize },
    /// Signed volume / volume, both of `period` sessions.
    ObvSlope { period: usize },
    /// Sample deviation of the one-day log returns.
    Volatility { period: usize },
    /// ln(volatility of `short` / volatility of `long`), within -5..5.
    VolatilityRatio { short: usize, long: usize },
    /// ln(mean volume of `short` / mean volume of `long`), within -5..5.
    LogVolumeRatio { short: usize, long: usize },
    /// ln(open / close before).
    Gap {},
    /// ln(high / low).
    Range {},
    /// Place of the close between low and high, less 0.5.
    BarPosition {},
    /// ln(high / close).
    HighToClose {},
    /// ln(low / close).
    LowToClose {},
    /// Largest one-day log return.
    LargestReturn { period: usize },
    /// Smallest one-day log return.
    SmallestReturn { period: usize },
    /// Share of sessions that closed where the one before had.
    ZeroShare { period: usize },
    /// Population skewness of the one-day log returns.
    Skew { period: usize },
}

impl Indicator {
    /// The longest period a column may have, so that a server's sessions hold its warm-up.
    pub const MAX_PERIOD: usize = 200;

    /// The widest bands a column may have, so that its values stay finite.
    pub const MAX_DEVIATIONS: f64 = 100.0;

    /// Number of leading sessions without a value.
    pub fn warm_up(&self) -> usize {
        match *self {
            Self::LogReturn { period }
            | Self::Rsi { period }
            | Self::AtrRatio { period }
            | Self::ObvSlope { period }
            | Self::Volatility { period }
            | Self::LargestReturn { period }
            | Self::SmallestReturn { period }
            | Self::ZeroShare { period }
            | Self::Skew { period }
            | Self::VolatilityRatio { long: period, .. } => period,
            Self::SmaRatio { period }
            | Self::EmaRatio { period }
            | Self::BollingerPosition { period }
            | Self::BollingerWidth { period, .. }
            | Self::StochasticK { period }
            | Self::MacdLine { slow: period, .. }
            | Self::LogVolumeRatio { long: period, .. } => period - 1,
            Self::MacdHistogram { slow, signal, .. } => slow + signal - 2,
            Self::StochasticD { period, smoothing } => period + smoothing - 2,
            Self::Gap {} => 1,
            Self::Range {} | Self::BarPosition {} | Self::HighToClose {} | Self::LowToClose {} => 0,
        }
    }

    /// The weight that a recursion still gives, `sessions` after it began, to where it began; 0
    /// for what depends on its window alone.
    pub fn residue(&self, sessions: usize) -> f64 {
        let weight = match *self {
            Self::Rsi { period } | Self::AtrRatio { period } => 1.0 / period as f64,
            Self::EmaRatio { period } => moving_average::ema_weight(period),
            Self::MacdLine { slow, .. } => moving_average::ema_weight(slow),
            Self::MacdHistogram { slow, signal, .. } => {
                moving_average::ema_weight(slow.max(signal))
            }
            _ => return 0.0,
        };
        (1.0 - weight).powf(sessions as f64)
    }

    /// Says what is wrong with the parameters, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        let outside = |least: usize, periods: &[usize]| {
            let allowed = least..=Self::MAX_PERIOD;
            let bad = periods.iter().find(|period| !allowed.contains(period))?;
            let most = Self::MAX_PERIOD;
            Some(format!("{bad} sessions, expected {least} to {most}"))
        };
        let ordered = |names: [&str; 2], shorter: usize, longer: usize| {
            let [of_shorter, of_longer] = names;
            (shorter >= longer).then(|| {
                format!("{of_shorter} period {shorter} is not below {of_longer} period {longer}")
            })
        };
        match *self {
            Self::LogReturn { period }
            | Self::AtrRatio { period }
            | Self::StochasticK { period }
            | Self::ObvSlope { period }
            | Self::LargestReturn { period }
            | Self::SmallestReturn { period }
            | Self::ZeroShare { period } => outside(1, &[period]),
            Self::SmaRatio { period }
            | Self::EmaRatio { period }
            | Self::Rsi { period }
            | Self::BollingerPosition { period }
            | Self::Volatility { period } => outside(2, &[period]),
            Self::Skew { period } => outside(3, &[period]),
            Self::MacdLine { fast, slow } => {
                ordered(["fast", "slow"], fast, slow).or_else(|| outside(2, &[fast, slow]))
            }
            Self::MacdHistogram { fast, slow, signal } => {
                ordered(["fast", "slow"], fast, slow).or_else(|| outside(2, &[fast, slow, signal]))
            }
            Self::BollingerWidth { period, deviations } => {
                let most = Self::MAX_DEVIATIONS;
                if deviations > 0.0 && deviations <= most {
                    outside(2, &[period])
                } else {
                    Some(format!(
                        "{deviations} deviations, expected more than 0 and at most {most}"
                    ))
                }
            }
            Self::StochasticD { period, smoothing } => outside(1, &[period, smoothing]),
            Self::VolatilityRatio { short, long } => {
                ordered(["short", "long"], short, long).or_else(|| outside(2, &[short, long]))
            }
            Self::LogVolumeRatio { short, long } => {
                ordered(["short", "long"], short, long).or_else(|| outside(1, &[short, long]))
            }
            Self::Gap {}
            | Self::Range {}
            | Self::BarPosition {}
            | Self::HighToClose {}
            | Self::LowToClose {} => None,
        }
    }

    /// Computes the column alone over a stock's life; `NaN` in the warm-up, finite after it.
    #[cfg(test)]
    pub(crate) fn column(&self, bars: &crate::carried::CarriedBars) -> Vec<f64> {
        use super::{ColumnKernel, Scratch};

        let mut column = vec![0.0; bars.len()];
        let life = 0..bars.len();
        ColumnKernel::new(&[*self]).compute(bars, life, &mut column, &mut Scratch::default());
        column
    }

    /// The column as a series of `graph`.
    pub(super) fn series(&self, graph: &mut Graph) -> Node {
        match *self {
            Self::LogReturn { period } => log_return::series(graph, period),
            Self::SmaRatio { period } => moving_average::sma_ratio(graph, period),
            Self::EmaRatio { period } => moving_average::ema_ratio(graph, period),
            Self::Rsi { period } => rsi::centred_series(graph, period),
            Self::MacdLine { fast, slow } => macd::line_ratio(graph, fast, slow),
            Self::MacdHistogram { fast, slow, signal } => {
                macd::histogram_ratio(graph, fast, slow, signal)
            }
            Self::BollingerPosition { period } => bollinger::position_series(graph, period),
            Self::BollingerWidth { period, deviations } => {
                bollinger::width_series(graph, period, deviations)
            }
            Self::AtrRatio { period } => atr::ratio(graph, period),
            Self::StochasticK { period } => stochastic::k_centred(graph, period),
            Self::StochasticD { period, smoothing } => {
                stochastic::d_centred(graph, period, smoothing)
            }
            Self::ObvSlope { period } => obv::slope(graph, period),
            Self::Volatility { period } => volatility::series(graph, period),
            Self::VolatilityRatio { short, long } => volatility::log_ratio(graph, short, long),
            Self::LogVolumeRatio { short, long } => volume_ratio::log_ratio(graph, short, long),
            Self::Gap {} => bar_shape::gap(graph),
            Self::Range {} => bar_shape::range(graph),
            Self::BarPosition {} => bar_shape::position(graph),
            Self::HighToClose {} => bar_shape::high_to_close(graph),
            Self::LowToClose {} => bar_shape::low_to_close(graph),
            Self::LargestReturn { period } => return_shape::largest(graph, period),
            Self::SmallestReturn { period } => return_shape::smallest(graph, period),
            Self::ZeroShare { period } => return_shape::zero_share(graph, period),
            Self::Skew { period } => return_shape::skew(graph, period),
        }
    }
}
