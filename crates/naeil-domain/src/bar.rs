//! A bar: open, high, low, close and volume of one stock in one session.

use std::fmt;

/// How the prices of a series are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PriceBasis {
    /// Prices as they were quoted that day; the bar's adjustment factor makes them comparable.
    AsTraded,
    /// A vendor has already adjusted them backwards, so the factor is 1.
    BackAdjusted,
}

impl PriceBasis {
    /// The word used in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsTraded => "as_traded",
            Self::BackAdjusted => "back_adjusted",
        }
    }

    /// Parses [`Self::as_str`]'s words.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::AsTraded, Self::BackAdjusted]
            .into_iter()
            .find(|basis| basis.as_str() == text)
    }
}

impl fmt::Display for PriceBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One stock in one session.
///
/// # Units
/// Prices in the market's currency on [`Bar::basis`]; volume in shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price; a halted session repeats the one before.
    pub close: f64,
    /// Shares traded.
    pub volume: f64,
    /// Multiplies a price to make it comparable with the code's first bar (forward adjustment):
    /// 1 at the first bar, 5 after a 5:1 split.
    pub adjustment_factor: f64,
    /// What the prices mean.
    pub basis: PriceBasis,
}

/// Prices that no stock has had: what lies outside is a defect of the file. The bounds also keep
/// every ratio of two prices within what single precision can hold.
pub const PLAUSIBLE_PRICES: std::ops::RangeInclusive<f64> = 1e-4..=1e12;

/// Shares traded in a session: more than any market has seen is a defect of the file.
pub const MAX_PLAUSIBLE_VOLUME: f64 = 1e15;

/// How far open or close may lie outside `[low, high]`, as a share of the close: adjusted prices
/// are rounded, which recorded data show up to about 0.1 %.
const ROUNDING_SLACK: f64 = 0.01;

impl Bar {
    /// Whether the stock did not trade in this session.
    pub fn is_halted(&self) -> bool {
        self.volume == 0.0
    }

    /// Refuses a bar that cannot have happened.
    ///
    /// A halted session may state open, high and low as 0; its close may not be 0. Open and close
    /// may leave `[low, high]` by the rounding of adjusted prices, at most 1 % of the close.
    ///
    /// # Errors
    /// The first [`BarDefect`] found.
    pub fn check(&self) -> Result<(), BarDefect> {
        let prices = [self.open, self.high, self.low, self.close];
        if prices.iter().any(|p| !p.is_finite()) || !self.volume.is_finite() {
            return Err(BarDefect::NotFinite);
        }
        if self.volume < 0.0 {
            return Err(BarDefect::NegativeVolume);
        }
        if prices.iter().any(|&p| p < 0.0) {
            return Err(BarDefect::NegativePrice);
        }
        if !(self.adjustment_factor.is_finite() && self.adjustment_factor > 0.0) {
            return Err(BarDefect::BadAdjustmentFactor);
        }
        if self.close == 0.0 {
            return Err(BarDefect::ZeroPrice);
        }
        let is_plausible = |p: &f64| *p == 0.0 || PLAUSIBLE_PRICES.contains(p);
        if !prices.iter().all(is_plausible) || self.volume > MAX_PLAUSIBLE_VOLUME {
            return Err(BarDefect::Implausible);
        }
        let bare_halt = self.open == 0.0 && self.high == 0.0 && self.low == 0.0;
        if self.is_halted() && bare_halt {
            return Ok(());
        }
        if self.open == 0.0 || self.high == 0.0 || self.low == 0.0 {
            return Err(BarDefect::ZeroPrice);
        }
        if self.high < self.low {
            return Err(BarDefect::HighBelowLow);
        }
        let slack = self.close * ROUNDING_SLACK;
        let outside = |p: f64| p > self.high + slack || p < self.low - slack;
        if outside(self.open) || outside(self.close) {
            return Err(BarDefect::OutsideRange);
        }
        Ok(())
    }
}

/// Why a bar was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum BarDefect {
    /// A price or the volume is missing, NaN or infinite.
    #[error("a price or the volume is missing or not finite")]
    NotFinite,
    /// A price is below 0.
    #[error("a price is negative")]
    NegativePrice,
    /// The volume is below 0.
    #[error("the volume is negative")]
    NegativeVolume,
    /// A price is 0 where the session was not halted, or the close is 0.
    #[error("a price is zero although the session was not halted, or the close is zero")]
    ZeroPrice,
    /// The high lies below the low.
    #[error("high is below low")]
    HighBelowLow,
    /// A price or a volume is one that no stock has had.
    #[error("a price is below 0.0001 or above 1e12, or the volume is above 1e15")]
    Implausible,
    /// Open or close lies outside `[low, high]` by more than rounding explains.
    #[error("open or close lies outside low..high by more than 1 % of the close")]
    OutsideRange,
    /// The adjustment factor is not a positive number.
    #[error("the adjustment factor is not a positive number")]
    BadAdjustmentFactor,
}

impl BarDefect {
    /// A stable word for reports and rejects files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotFinite => "not_finite",
            Self::NegativePrice => "negative_price",
            Self::NegativeVolume => "negative_volume",
            Self::ZeroPrice => "zero_price",
            Self::HighBelowLow => "high_below_low",
            Self::Implausible => "implausible",
            Self::OutsideRange => "outside_range",
            Self::BadAdjustmentFactor => "bad_adjustment_factor",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(open: f64, high: f64, low: f64, close: f64, volume: f64) -> Bar {
        Bar {
            open,
            high,
            low,
            close,
            volume,
            adjustment_factor: 1.0,
            basis: PriceBasis::AsTraded,
        }
    }

    #[test]
    fn a_plain_bar_and_both_spellings_of_a_halt_pass() {
        assert_eq!(bar(10.0, 12.0, 9.0, 11.0, 5.0).check(), Ok(()));
        assert_eq!(bar(0.0, 0.0, 0.0, 11.0, 0.0).check(), Ok(()));
        assert_eq!(bar(11.0, 11.0, 11.0, 11.0, 0.0).check(), Ok(()));
        assert!(bar(0.0, 0.0, 0.0, 11.0, 0.0).is_halted());
    }

    #[test]
    fn every_defect_is_named() {
        let check = |b: Bar, expected: BarDefect| assert_eq!(b.check(), Err(expected), "{b:?}");
        check(bar(f64::NAN, 12.0, 9.0, 11.0, 5.0), BarDefect::NotFinite);
        check(bar(10.0, 12.0, -9.0, 11.0, 5.0), BarDefect::NegativePrice);
        check(bar(10.0, 12.0, 9.0, 11.0, -5.0), BarDefect::NegativeVolume);
        check(bar(0.0, 12.0, 9.0, 11.0, 5.0), BarDefect::ZeroPrice);
        check(bar(0.0, 0.0, 0.0, 0.0, 0.0), BarDefect::ZeroPrice);
        check(bar(10.0, 8.0, 9.0, 9.0, 5.0), BarDefect::HighBelowLow);
        check(bar(10.0, 1e300, 9.0, 9.0, 5.0), BarDefect::Implausible);
        check(bar(1e-9, 1e-9, 1e-9, 1e-9, 5.0), BarDefect::Implausible);
        check(bar(0.0, 0.0, 0.0, 1e300, 0.0), BarDefect::Implausible);
        check(bar(10.0, 12.0, 9.0, 11.0, 1e300), BarDefect::Implausible);
        check(bar(10.0, 12.0, 9.0, 13.0, 5.0), BarDefect::OutsideRange);
        check(
            Bar {
                adjustment_factor: 0.0,
                ..bar(10.0, 12.0, 9.0, 11.0, 5.0)
            },
            BarDefect::BadAdjustmentFactor,
        );
    }

    #[test]
    fn rounding_of_adjusted_prices_is_forgiven() {
        assert_eq!(bar(1000.0, 1100.0, 990.0, 1100.9, 5.0).check(), Ok(()));
    }
}
