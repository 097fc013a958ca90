//! The raw indicators that a table may hold.

use super::engine::graph::{Graph, Node};
use super::{
    atr, bollinger, log_return, macd, moving_average, obv, rsi, stochastic, volatility,
    volume_ratio,
};

/// A raw indicator in TA-Lib's convention; the function of the same name says what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are the parameters that each indicator's file explains"
)]
pub enum RawIndicator {
    /// [`moving_average::sma`].
    Sma { period: usize },
    /// [`moving_average::ema`].
    Ema { period: usize },
    /// [`rsi::rsi`].
    Rsi { period: usize },
    /// [`macd::macd`], the line.
    MacdLine {
        fast: usize,
        slow: usize,
        signal: usize,
    },
    /// [`macd::macd`], the signal.
    MacdSignal {
        fast: usize,
        slow: usize,
        signal: usize,
    },
    /// [`macd::macd`], the histogram.
    MacdHistogram {
        fast: usize,
        slow: usize,
        signal: usize,
    },
    /// [`bollinger::bollinger`], the upper band.
    BollingerUpper { period: usize, deviations: f64 },
    /// [`bollinger::bollinger`], the lower band.
    BollingerLower { period: usize, deviations: f64 },
    /// [`atr::atr`].
    Atr { period: usize },
    /// [`stochastic::stochastic`], %K.
    StochasticK { period: usize, smoothing: usize },
    /// [`stochastic::stochastic`], %D.
    StochasticD { period: usize, smoothing: usize },
    /// [`obv::obv`].
    Obv,
    /// [`log_return::log_return`].
    LogReturn { period: usize },
    /// [`volatility::volatility`].
    Volatility { period: usize },
    /// [`volume_ratio::volume_ratio`].
    VolumeRatio { period: usize },
}

/// Longest period of a raw indicator, as in TA-Lib.
const MAX_PERIOD: usize = 100_000;

impl RawIndicator {
    /// Number of leading sessions without a value.
    pub fn warm_up(&self) -> usize {
        match *self {
            Self::Sma { period }
            | Self::Ema { period }
            | Self::BollingerUpper { period, .. }
            | Self::BollingerLower { period, .. }
            | Self::VolumeRatio { period } => period - 1,
            Self::Rsi { period }
            | Self::Atr { period }
            | Self::LogReturn { period }
            | Self::Volatility { period } => period,
            Self::MacdLine { fast, slow, signal }
            | Self::MacdSignal { fast, slow, signal }
            | Self::MacdHistogram { fast, slow, signal } => fast.max(slow) + signal - 2,
            Self::StochasticK { period, smoothing } | Self::StochasticD { period, smoothing } => {
                period + smoothing - 2
            }
            Self::Obv => 0,
        }
    }

    /// # Panics
    /// If a parameter is outside what the indicator's function allows.
    pub(super) fn check(&self) {
        let least = match self {
            Self::Rsi { .. }
            | Self::BollingerUpper { .. }
            | Self::BollingerLower { .. }
            | Self::Volatility { .. } => 2,
            _ => 1,
        };
        let (periods, others) = match *self {
            Self::MacdLine { fast, slow, signal }
            | Self::MacdSignal { fast, slow, signal }
            | Self::MacdHistogram { fast, slow, signal } => {
                assert!(
                    fast >= 2 && slow >= 2,
                    "a MACD's averages need two sessions"
                );
                ([fast, slow], signal)
            }
            Self::StochasticK { period, smoothing } | Self::StochasticD { period, smoothing } => {
                ([period; 2], smoothing)
            }
            Self::BollingerUpper { period, deviations }
            | Self::BollingerLower { period, deviations } => {
                assert!(deviations.is_finite(), "deviations must be finite");
                ([period; 2], least)
            }
            Self::Sma { period }
            | Self::Ema { period }
            | Self::Rsi { period }
            | Self::Atr { period }
            | Self::LogReturn { period }
            | Self::Volatility { period }
            | Self::VolumeRatio { period } => ([period; 2], least),
            Self::Obv => ([least; 2], least),
        };
        let allowed = least..=MAX_PERIOD;
        for period in periods.into_iter().chain([others]) {
            assert!(
                allowed.contains(&period),
                "{self:?}: a period of {period} is not within {least}..={MAX_PERIOD}"
            );
        }
    }

    /// The indicator as a series of `graph`.
    pub(super) fn series(&self, graph: &mut Graph) -> Node {
        match *self {
            Self::Sma { period } => moving_average::sma_series(graph, period),
            Self::Ema { period } => moving_average::ema_series(graph, period),
            Self::Rsi { period } => rsi::series(graph, period),
            Self::MacdLine { fast, slow, .. } => macd::line(graph, fast, slow),
            Self::MacdSignal { fast, slow, signal } => macd::signal_line(graph, fast, slow, signal),
            Self::MacdHistogram { fast, slow, signal } => {
                macd::histogram(graph, fast, slow, signal)
            }
            Self::BollingerUpper { period, deviations } => {
                bollinger::band_series(graph, period, deviations)
            }
            Self::BollingerLower { period, deviations } => {
                bollinger::band_series(graph, period, -deviations)
            }
            Self::Atr { period } => atr::series(graph, period),
            Self::StochasticK { period, .. } => stochastic::k_series(graph, period),
            Self::StochasticD { period, smoothing } => {
                stochastic::d_series(graph, period, smoothing)
            }
            Self::Obv => obv::series(graph),
            Self::LogReturn { period } => log_return::series(graph, period),
            Self::Volatility { period } => volatility::series(graph, period),
            Self::VolumeRatio { period } => volume_ratio::series(graph, period),
        }
    }
}
