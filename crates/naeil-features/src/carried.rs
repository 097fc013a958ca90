//! A stock's bars without gaps: halted and missing sessions carried forward.

use std::ops::Range;

use naeil_domain::bar_panel::StockBars;
use naeil_domain::{MAX_PLAUSIBLE_VOLUME, PLAUSIBLE_PRICES};

/// What a stock did in one session.
///
/// In a session without trading the close before is carried on, and this is its flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// There is no usable bar.
    Missing,
    /// There is a bar, and nothing was traded.
    Halted,
    /// It traded.
    Traded,
}

/// The longest gap, in sessions without a bar, that a life goes on over; after a longer one it begins
/// anew, as with a listing.
///
/// A server's read may begin in the middle of a gap, and then knows nothing of what was before it.
/// Beginning anew makes the whole history say the same after a long gap; after a short one,
/// recursions have had time enough to forget. No label reaches over so many sessions either.
pub(crate) const LONGEST_GAP: usize = naeil_domain::Horizon::MAX_STEPS;

/// One stock's bars, from its first to its last, one value for every session between.
///
/// A session without trading repeats the close before it as open, high, low and close, with
/// volume 0, whatever prices a halted bar may state: nobody could trade at them.
#[derive(Debug, Clone, Default)]
pub(crate) struct CarriedBars {
    /// Session index of the first bar.
    pub(crate) first: usize,
    /// Where each life after the first begins, counted from the first bar: see [`LONGEST_GAP`].
    pub(crate) restarts: Vec<usize>,
    pub(crate) states: Vec<SessionState>,
    pub(crate) open: Vec<f64>,
    pub(crate) high: Vec<f64>,
    pub(crate) low: Vec<f64>,
    pub(crate) close: Vec<f64>,
    pub(crate) volume: Vec<f64>,
}

impl CarriedBars {
    /// Carries `bars` over their gaps; empty if there is no usable bar at all.
    pub(crate) fn new(bars: StockBars<'_>) -> Self {
        let states: Vec<SessionState> = (0..bars.close.len()).map(|i| state(&bars, i)).collect();
        let has_bar = |state: &SessionState| *state != SessionState::Missing;
        let Some(first) = states.iter().position(has_bar) else {
            return Self::default();
        };
        let end = states.iter().rposition(has_bar).map_or(first, |i| i + 1);
        let n = end - first;
        let mut carried = Self {
            first,
            restarts: Vec::new(),
            states: states[first..end].to_vec(),
            open: Vec::with_capacity(n),
            high: Vec::with_capacity(n),
            low: Vec::with_capacity(n),
            close: Vec::with_capacity(n),
            volume: Vec::with_capacity(n),
        };
        // Only a life that begins with a halt has to believe the halted bar's own close.
        let mut last_close = bars.close[first];
        let mut gap = 0;
        for (i, state) in (first..end).zip(&states[first..end]) {
            if *state == SessionState::Missing {
                gap += 1;
            } else {
                if gap > LONGEST_GAP {
                    carried.restarts.push(i - first);
                    last_close = bars.close[i];
                }
                gap = 0;
            }
            if *state == SessionState::Traded {
                last_close = bars.close[i];
                carried.push(
                    bars.open[i],
                    bars.high[i],
                    bars.low[i],
                    last_close,
                    bars.volume[i],
                );
            } else {
                carried.push(last_close, last_close, last_close, last_close, 0.0);
            }
        }
        carried
    }

    /// The lives, as ranges counted from the first bar; each reaches to where the next begins.
    pub(crate) fn lives(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.restarts.iter().copied());
        let ends = self.restarts.iter().copied().chain([self.len()]);
        starts.zip(ends).map(|(start, end)| start..end)
    }

    /// Number of sessions from the first bar to the last.
    pub(crate) fn len(&self) -> usize {
        self.close.len()
    }

    fn push(&mut self, open: f64, high: f64, low: f64, close: f64, volume: f64) {
        self.open.push(open);
        self.high.push(high);
        self.low.push(low);
        self.close.push(close);
        self.volume.push(volume);
    }
}

/// A bar with a price or a volume that no stock can have counts as missing, so that one bad row cannot turn
/// into NaN in every later value of a recursive indicator.
pub(crate) fn state(bars: &StockBars<'_>, i: usize) -> SessionState {
    let is_price = |p: f64| PLAUSIBLE_PRICES.contains(&p);
    let prices = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]];
    let volume = bars.volume[i];
    if !prices.into_iter().all(is_price) || !(0.0..=MAX_PLAUSIBLE_VOLUME).contains(&volume) {
        SessionState::Missing
    } else if volume == 0.0 {
        SessionState::Halted
    } else {
        SessionState::Traded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_halts_repeat_the_last_close() {
        let nan = f64::NAN;
        // Before listing, traded, gap, halt with a stated price of 99, traded, delisted.
        let bars = CarriedBars::new(StockBars {
            open: &[nan, 10.0, nan, 99.0, 12.0, nan],
            high: &[nan, 11.0, nan, 99.0, 13.0, nan],
            low: &[nan, 9.0, nan, 99.0, 12.0, nan],
            close: &[nan, 10.5, nan, 99.0, 12.5, nan],
            volume: &[nan, 5.0, nan, 0.0, 7.0, nan],
        });
        assert_eq!(bars.first, 1);
        assert_eq!(bars.close, [10.5, 10.5, 10.5, 12.5]);
        assert_eq!(bars.open, [10.0, 10.5, 10.5, 12.0]);
        assert_eq!(bars.high, [11.0, 10.5, 10.5, 13.0]);
        assert_eq!(bars.low, [9.0, 10.5, 10.5, 12.0]);
        assert_eq!(bars.volume, [5.0, 0.0, 0.0, 7.0]);
        use SessionState::{Halted, Missing, Traded};
        assert_eq!(bars.states, [Traded, Missing, Halted, Traded]);
    }

    #[test]
    fn a_life_begins_anew_after_a_long_gap_and_only_then() {
        let nan = f64::NAN;
        let lives = |n_missing: usize, volume_after: f64| {
            let mut close = vec![nan, 10.0, 10.5];
            close.extend(vec![nan; n_missing]);
            close.extend([7.0, 7.5]);
            let mut volume: Vec<f64> = close.iter().map(|x| x * 0.0 + 5.0).collect();
            volume[3 + n_missing] = volume_after;
            let bars = CarriedBars::new(StockBars {
                open: &close,
                high: &close,
                low: &close,
                close: &close,
                volume: &volume,
            });
            (bars.lives().collect::<Vec<_>>(), bars.close[2 + n_missing])
        };
        assert_eq!(lives(LONGEST_GAP, 5.0).0.len(), 1);
        assert_eq!(lives(LONGEST_GAP + 1, 5.0).0, [0..23, 23..25]);
        // A halted bar carries the close before a short gap, and after a long one its own.
        assert_eq!(lives(LONGEST_GAP, 0.0).1, 10.5);
        assert_eq!(lives(LONGEST_GAP + 1, 0.0).1, 7.0);
    }

    #[test]
    fn what_no_stock_can_have_counts_as_missing() {
        let ones = [1.0; 3];
        let bars = CarriedBars::new(StockBars {
            open: &ones,
            high: &[1.0, 1e300, 1.0],
            low: &ones,
            close: &ones,
            volume: &[1.0, 1.0, 1e300],
        });
        assert_eq!(bars.states, [SessionState::Traded]);
    }

    #[test]
    fn a_stock_without_bars_has_no_life() {
        let none = [f64::NAN; 3];
        let bars = StockBars {
            open: &none,
            high: &none,
            low: &none,
            close: &none,
            volume: &none,
        };
        assert_eq!(CarriedBars::new(bars).len(), 0);
    }
}
