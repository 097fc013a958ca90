//! One stock's way through the sessions: returns become quoted bars.

use naeil_domain::bar_panel::StockBars;
use naeil_domain::{Bar, PriceBasis};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::actions::{HaltSpelling, LifePlan};
use crate::prices::{DAILY_LIMIT, PriceLimits, nearest_tick};
use crate::returns::{SharedReturns, StockReturns};
use crate::signal;

/// Median of the first prices, the spread of their logarithm, and their bounds, in won.
const FIRST_PRICE: f64 = 20_000.0;
const FIRST_PRICE_SPREAD: f64 = 1.0;
const FIRST_PRICE_BOUNDS: (f64, f64) = (2_000.0, 600_000.0);
/// A split that would leave a price below this does not take place.
const LOWEST_SPLIT_PRICE: f64 = 500.0;
/// Probability that a session ends where it began, beside what ticks cause.
const FLAT_SESSION: f64 = 0.004;
/// Share of a session's return that lies in its opening gap, and the gap's own noise and that of
/// the distance from body to high and low, in units of the stock's own volatility.
const GAP_SHARE: f64 = 0.35;
const GAP_NOISE: f64 = 0.25;
const SHADOW: f64 = 0.45;

/// Median of the value usually traded in a session, in won, and the spread of its logarithm.
const TRADED_VALUE: f64 = 3e9;
const TRADED_VALUE_SPREAD: f64 = 1.2;
/// Logarithm of volume: how much of its surprise remains a session later, the surprise's noise,
/// and what a move of one standard deviation adds.
const ACTIVITY_MEMORY: f64 = 0.70;
const ACTIVITY_NOISE: f64 = 0.35;
const ACTIVITY_OF_MOVE: f64 = 0.40;
/// Larger moves add no more volume.
const LARGEST_MOVE: f64 = 5.0;

/// A stock between two sessions, with its bars so far.
#[derive(Debug, Clone)]
pub(crate) struct StockPath {
    plan: LifePlan,
    returns: StockReturns,
    rng: ChaCha8Rng,
    /// The last close as traded, or the first price.
    price: f64,
    adjustment_factor: f64,
    /// Logarithm of the adjusted volume of a usual session, and the surprise of the last one.
    usual_log_volume: f64,
    activity: f64,
    bars: Vec<Bar>,
    adjusted: AdjustedColumns,
}

/// The bars so far as a [`BarPanel`](naeil_domain::BarPanel) would hold them.
#[derive(Debug, Clone, Default)]
struct AdjustedColumns {
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

impl StockPath {
    pub(crate) fn draw(sector: usize, plan: LifePlan, mut rng: ChaCha8Rng) -> Self {
        let returns = StockReturns::draw(sector, &mut rng);
        let (lowest, highest) = FIRST_PRICE_BOUNDS;
        let price = FIRST_PRICE * (FIRST_PRICE_SPREAD * normal(&mut rng)).exp();
        let price = nearest_tick(price.clamp(lowest, highest));
        let traded_value = TRADED_VALUE * (TRADED_VALUE_SPREAD * normal(&mut rng)).exp();
        Self {
            plan,
            returns,
            price,
            adjustment_factor: 1.0,
            usual_log_volume: (traded_value / price).ln(),
            activity: 0.0,
            bars: Vec::new(),
            adjusted: AdjustedColumns::default(),
            rng,
        }
    }

    /// Session indices that have a bar, once all are stepped through.
    pub(crate) fn plan(&self) -> &LifePlan {
        &self.plan
    }

    /// The bars so far, one a session from the first listed.
    pub(crate) fn bars(&self) -> &[Bar] {
        &self.bars
    }

    /// The signal's indicators as of `session_idx`, which must be the last one stepped through.
    pub(crate) fn indicators(&self, session_idx: usize) -> Option<[f64; 3]> {
        if !self.plan.listed.contains(&session_idx) {
            return None;
        }
        let from = self.bars.len().saturating_sub(signal::HISTORY);
        signal::indicators(StockBars {
            open: &self.adjusted.open[from..],
            high: &self.adjusted.high[from..],
            low: &self.adjusted.low[from..],
            close: &self.adjusted.close[from..],
            volume: &self.adjusted.volume[from..],
        })
    }

    /// Adds the bar of the next session, if the stock is listed in it.
    pub(crate) fn step(&mut self, session_idx: usize, shared: &SharedReturns, edge: f64) {
        if !self.plan.listed.contains(&session_idx) {
            return;
        }
        if let Some(ratio) = self.plan.split_at(session_idx)
            && self.price / ratio >= LOWEST_SPLIT_PRICE
        {
            // Not rounded: limits and returns refer to the exact base, so that the adjusted price
            // takes no step of its own.
            self.price /= ratio;
            self.adjustment_factor *= ratio;
        }
        let bar = match self.plan.halt_at(session_idx) {
            Some(spelling) => self.halted_bar(spelling),
            None => self.traded_bar(shared, edge),
        };
        self.price = bar.close;
        self.adjusted.push(&bar);
        self.bars.push(bar);
    }

    fn halted_bar(&self, spelling: HaltSpelling) -> Bar {
        let other = match spelling {
            HaltSpelling::Zeros => 0.0,
            HaltSpelling::RepeatedClose => self.price,
        };
        Bar {
            open: other,
            high: other,
            low: other,
            close: self.price,
            volume: 0.0,
            adjustment_factor: self.adjustment_factor,
            basis: PriceBasis::AsTraded,
        }
    }

    fn traded_bar(&mut self, shared: &SharedReturns, edge: f64) -> Bar {
        let volatility = self.returns.own_volatility();
        let drawn = self.returns.next(shared, edge, &mut self.rng);
        let is_flat = self.rng.random_bool(FLAT_SESSION);
        // Clipped alike on both sides in logarithms, where the lower limit lies farther away:
        // clipping at the limits themselves would make large falls deeper than large rises.
        let limit = DAILY_LIMIT.ln_1p();
        let log_return = if is_flat {
            0.0
        } else {
            drawn.clamp(-limit, limit)
        };
        let limits = PriceLimits::around(self.price);
        let gap = GAP_SHARE * log_return + GAP_NOISE * volatility * normal(&mut self.rng);
        let open = limits.quote(self.price * gap.exp());
        let close = limits.quote(self.price * log_return.exp());
        let mut shadow = || (SHADOW * volatility * normal(&mut self.rng).abs()).exp();
        let high = limits.quote(open.max(close) * shadow());
        let low = limits.quote(open.min(close) / shadow());
        let move_size = (log_return / volatility).abs().min(LARGEST_MOVE);
        Bar {
            open,
            high,
            low,
            close,
            volume: self.draw_volume(move_size),
            adjustment_factor: self.adjustment_factor,
            basis: PriceBasis::AsTraded,
        }
    }

    /// Log-normal around the usual volume, with memory, and larger on large moves.
    fn draw_volume(&mut self, move_size: f64) -> f64 {
        let noise = ACTIVITY_NOISE * normal(&mut self.rng);
        self.activity = ACTIVITY_MEMORY * self.activity + noise;
        let log_volume = self.usual_log_volume + self.activity + ACTIVITY_OF_MOVE * move_size;
        (log_volume.exp() * self.adjustment_factor).round().max(1.0)
    }
}

impl AdjustedColumns {
    fn push(&mut self, bar: &Bar) {
        let at_close = |price: f64| if bar.is_halted() { bar.close } else { price };
        let factor = bar.adjustment_factor;
        self.open.push(at_close(bar.open) * factor);
        self.high.push(at_close(bar.high) * factor);
        self.low.push(at_close(bar.low) * factor);
        self.close.push(bar.close * factor);
        self.volume.push(bar.volume / factor);
    }
}

fn normal(rng: &mut impl Rng) -> f64 {
    rng.sample(StandardNormal)
}
