//! Indicators one session at a time.

use crate::carried::{CarriedBars, SessionState};
use crate::indicators::Indicator;

/// One session of a stock's carried life.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CarriedBar {
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    pub(crate) volume: f64,
}

/// The indicators of one stock, moved on by one session at a time. Made once, it can be cloned for
/// every stock.
#[derive(Debug, Clone)]
pub(crate) struct StockColumns {
    indicators: Vec<Indicator>,
    bars: CarriedBars,
    values: Vec<f64>,
}

impl StockColumns {
    /// Before the first session.
    pub(crate) fn new(indicators: &[Indicator]) -> Self {
        Self {
            indicators: indicators.to_vec(),
            bars: CarriedBars::default(),
            values: vec![f64::NAN; indicators.len()],
        }
    }

    /// Takes the next session in and returns the indicators' values in it, `NaN` in the warm-up.
    pub(crate) fn push(&mut self, bar: CarriedBar) -> &[f64] {
        self.bars.states.push(SessionState::Traded);
        self.bars.open.push(bar.open);
        self.bars.high.push(bar.high);
        self.bars.low.push(bar.low);
        self.bars.close.push(bar.close);
        self.bars.volume.push(bar.volume);
        for (value, indicator) in self.values.iter_mut().zip(&self.indicators) {
            *value = *indicator.column(&self.bars).last().unwrap_or(&f64::NAN);
        }
        &self.values
    }
}
