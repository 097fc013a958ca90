//! What a market is made from.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use naeil_domain::Session;

use crate::error::SimulatorError;

/// Three codes are always listed, and a cross-section needs a few more to be ordered.
const STOCKS: RangeInclusive<usize> = 10..=5_000;
/// Prices drift apart over time, and on a price of a few won the tick would dwarf the return.
const SESSIONS: RangeInclusive<usize> = 30..=2_500;
const STRENGTHS: RangeInclusive<f64> = 0.0..=0.30;

/// The settings of a simulated market; the default is the demo's.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketConfig {
    /// Decides every random number. Default 20,260.
    pub seed: u64,
    /// How many stocks are listed at some time, 10 to 5,000. Default 300.
    pub n_stocks: usize,
    /// How many sessions there are, 30 to 2,500. Default 750, about three years.
    pub n_sessions: usize,
    /// The last session, or a date after it. Default 2026-10-30.
    pub until: Session,
    /// Rank IC at one session that knowing the planted signal gives, 0 to 0.30; 0 plants none.
    /// Default 0.10.
    pub signal_strength: f64,
}

impl Default for MarketConfig {
    fn default() -> Self {
        Self {
            seed: 20_260,
            n_stocks: 300,
            n_sessions: 750,
            until: Session::new(
                NaiveDate::from_ymd_opt(2026, 10, 30).expect("30 October exists in every year"),
            ),
            signal_strength: 0.10,
        }
    }
}

impl MarketConfig {
    /// Refuses settings outside their ranges.
    ///
    /// # Errors
    /// [`SimulatorError::InvalidConfig`] naming the first setting that is.
    pub fn validate(&self) -> Result<(), SimulatorError> {
        let refuse = |setting, value, expected| {
            Err(SimulatorError::InvalidConfig {
                setting,
                value,
                expected,
            })
        };
        if !STOCKS.contains(&self.n_stocks) {
            return refuse("n_stocks", self.n_stocks.to_string(), "10 to 5000 stocks");
        }
        if !SESSIONS.contains(&self.n_sessions) {
            let value = self.n_sessions.to_string();
            return refuse("n_sessions", value, "30 to 2500 sessions");
        }
        if !STRENGTHS.contains(&self.signal_strength) {
            let value = self.signal_strength.to_string();
            return refuse("signal_strength", value, "a rank IC of 0 to 0.30");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_each_bad_setting_is_named() {
        let default = MarketConfig::default();
        assert_eq!(default.validate(), Ok(()));
        let check = |config: MarketConfig, message: &str| {
            assert_eq!(config.validate().unwrap_err().to_string(), message);
        };
        check(
            MarketConfig {
                n_stocks: 9,
                ..default.clone()
            },
            "n_stocks = 9 cannot be simulated, choose 10 to 5000 stocks",
        );
        check(
            MarketConfig {
                n_sessions: 29,
                ..default.clone()
            },
            "n_sessions = 29 cannot be simulated, choose 30 to 2500 sessions",
        );
        check(
            MarketConfig {
                signal_strength: f64::NAN,
                ..default
            },
            "signal_strength = NaN cannot be simulated, choose a rank IC of 0 to 0.30",
        );
    }
}
