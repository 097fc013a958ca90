//! What is counted while the stocks go by.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use naeil_domain::{Market, StockCode};

use crate::day_bits::DayBits;
use crate::moves::Move;
use crate::worst::Worst;

/// One stock's counts.
#[derive(Debug)]
pub(crate) struct CodeTally {
    pub(crate) code: StockCode,
    pub(crate) name: String,
    pub(crate) market: Market,
    pub(crate) days: DayBits,
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
    pub(crate) bars: u64,
    pub(crate) halts: u64,
    pub(crate) longest_halt: u64,
    pub(crate) outside_range: u64,
    /// Bars whose prices are as traded.
    pub(crate) as_traded: u64,
    pub(crate) longest_flat: u32,
    /// Whether every price is a whole number of units.
    pub(crate) whole_units: bool,
    /// Bars with a close below the limit of coarseness.
    pub(crate) low_priced: u64,
    /// Filled in when the axis is known.
    pub(crate) gaps: u64,
    /// See `gaps`.
    pub(crate) longest_gap: u64,
    /// See `gaps`.
    pub(crate) moves: u64,
}

/// One session's counts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SessionTally {
    pub(crate) bars: u64,
    pub(crate) halts: u64,
    /// Filled in when the axis is known.
    pub(crate) missing: u64,
    /// See `missing`.
    pub(crate) moves: u64,
}

/// The counts of a market.
#[derive(Debug, Default)]
pub(crate) struct MarketTally {
    pub(crate) codes: Vec<CodeTally>,
    pub(crate) sessions: BTreeMap<NaiveDate, SessionTally>,
    pub(crate) bars: u64,
    pub(crate) traded: u64,
    pub(crate) corrected: u64,
    pub(crate) bare_halts: u64,
    /// Halted bars whose close is not the one before.
    pub(crate) halted_changes: Worst,
    /// Open or close outside low to high: severity is the distance as a share of the close.
    pub(crate) outside_range: Worst,
    pub(crate) flat_runs: Worst,
    pub(crate) volume_outliers: Worst,
    /// Moves beyond the limit of their day.
    pub(crate) moves: Vec<Move>,
    /// Moves beyond the limit that were too many to hold.
    pub(crate) moves_not_held: u64,
    /// Bars whose close lies further than 31 % from that of the bar before, whatever lies between
    /// them and whatever the rule of the day.
    pub(crate) beyond_flat_limit: u64,
    /// Bins of one-day moves over their limit; see [`Self::count_return`].
    pub(crate) returns: [u64; RETURN_BINS],
}

/// Bins from -1.5 to 1.5 times the limit, 0.1 wide, and one beyond at each end.
pub(crate) const RETURN_BINS: usize = 32;

impl MarketTally {
    /// Counts a one-day move given as a share of its limit.
    pub(crate) fn count_return(&mut self, share: f64) {
        let bin = ((share + 1.6) / 0.1).floor().clamp(0.0, 31.0);
        self.returns[bin as usize] += 1;
    }

    /// Counts a bar in its session.
    pub(crate) fn count_bar(&mut self, day: NaiveDate, halted: bool) {
        let session = self.sessions.entry(day).or_default();
        session.bars += 1;
        session.halts += u64::from(halted);
        self.bars += 1;
        self.traded += u64::from(!halted);
    }
}
