//! The bars of a market as columns: what the feature pipeline reads.

use std::collections::BTreeSet;

use crate::bar::Bar;
use crate::session::Session;
use crate::stock::Stock;

/// Adjusted bars of many stocks over a common axis of sessions.
///
/// # Shapes
/// Every column is `[stock, session]`, one stock's sessions contiguous, so an indicator runs over
/// one slice. `NaN` in `close` means "no bar": before listing, after delisting, or a gap.
///
/// # Units
/// Prices and volumes are adjusted (price x factor, volume / factor), so they may be compared
/// across a split. Their levels are arbitrary and, in vendors' back-adjusted series, know the
/// future: a feature may use ratios only. A halted session has volume 0.
#[derive(Debug, Clone, PartialEq)]
pub struct BarPanel {
    sessions: Vec<Session>,
    stocks: Vec<Stock>,
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
    /// (stock index, session index) of every first bar after a seam.
    seams: BTreeSet<(usize, usize)>,
}

/// The five columns of one stock, each over all sessions of its panel.
#[derive(Debug, Clone, Copy)]
pub struct StockBars<'a> {
    /// First prices.
    pub open: &'a [f64],
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices; `NaN` where there is no bar.
    pub close: &'a [f64],
    /// Shares traded; 0 where halted.
    pub volume: &'a [f64],
}

impl BarPanel {
    /// The sessions, ascending.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The stocks, ascending by code.
    pub fn stocks(&self) -> &[Stock] {
        &self.stocks
    }

    /// The bars of the stock at `stock_idx`.
    ///
    /// # Panics
    /// If `stock_idx` is not below the number of stocks.
    pub fn stock_bars(&self, stock_idx: usize) -> StockBars<'_> {
        let n = self.sessions.len();
        let range = stock_idx * n..(stock_idx + 1) * n;
        StockBars {
            open: &self.open[range.clone()],
            high: &self.high[range.clone()],
            low: &self.low[range.clone()],
            close: &self.close[range.clone()],
            volume: &self.volume[range],
        }
    }

    /// The sessions of one stock whose bar does not continue the one before: the series goes on in
    /// prices that are meant otherwise. No feature window and no label may reach across one.
    pub fn seams(&self, stock_idx: usize) -> impl Iterator<Item = usize> {
        self.seams
            .range((stock_idx, 0)..=(stock_idx, usize::MAX))
            .map(|&(_, session_idx)| session_idx)
    }

    /// A copy that ends with `session`: what was known that evening.
    pub fn truncated_after(&self, session: Session) -> Self {
        let keep = self.sessions.partition_point(|&s| s <= session);
        self.sliced(0, keep)
    }

    /// A copy of the last `n` sessions, or of all there are.
    pub fn last_sessions(&self, n: usize) -> Self {
        let len = self.sessions.len();
        self.sliced(len.saturating_sub(n), len)
    }

    /// A copy with only the stocks for which `keep` holds, in the same order.
    pub fn retain_stocks(&self, mut keep: impl FnMut(usize, &Stock) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.stocks.len())
            .filter(|&i| keep(i, &self.stocks[i]))
            .collect();
        self.gathered(&kept, 0, self.sessions.len())
    }

    fn sliced(&self, from: usize, to: usize) -> Self {
        let all: Vec<usize> = (0..self.stocks.len()).collect();
        self.gathered(&all, from, to)
    }

    fn gathered(&self, stock_idxs: &[usize], from: usize, to: usize) -> Self {
        let n = self.sessions.len();
        let gather = |column: &[f64]| -> Vec<f64> {
            stock_idxs
                .iter()
                .flat_map(|&i| column[i * n + from..i * n + to].iter().copied())
                .collect()
        };
        Self {
            sessions: self.sessions[from..to].to_vec(),
            stocks: stock_idxs.iter().map(|&i| self.stocks[i].clone()).collect(),
            open: gather(&self.open),
            high: gather(&self.high),
            low: gather(&self.low),
            close: gather(&self.close),
            volume: gather(&self.volume),
            seams: (stock_idxs.iter().enumerate())
                .flat_map(|(to_idx, &i)| self.seams(i).map(move |session| (to_idx, session)))
                .filter(|(_, session_idx)| (from..to).contains(session_idx))
                .map(|(stock_idx, session_idx)| (stock_idx, session_idx - from))
                .collect(),
        }
    }
}

/// Fills a [`BarPanel`] bar by bar, adjusting each as it enters.
#[derive(Debug)]
pub struct BarPanelBuilder {
    panel: BarPanel,
}

impl BarPanelBuilder {
    /// Starts a panel without bars over these axes.
    ///
    /// # Panics
    /// If the sessions or the stocks' codes are not strictly ascending.
    pub fn new(sessions: Vec<Session>, stocks: Vec<Stock>) -> Self {
        assert!(
            sessions.is_sorted_by(|a, b| a < b),
            "sessions must ascend strictly"
        );
        assert!(
            stocks.is_sorted_by(|a, b| a.code < b.code),
            "stock codes must ascend strictly"
        );
        let column = vec![f64::NAN; sessions.len() * stocks.len()];
        Self {
            panel: BarPanel {
                sessions,
                stocks,
                open: column.clone(),
                high: column.clone(),
                low: column.clone(),
                close: column.clone(),
                volume: column,
                seams: BTreeSet::new(),
            },
        }
    }

    /// Sets the bar of one stock in one session; a later call wins.
    ///
    /// A bare halt (open = high = low = 0) repeats its close in all four prices, and a close or
    /// open outside `[low, high]` by rounding widens the range, so that readers need no cases.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn set(&mut self, stock_idx: usize, session_idx: usize, bar: &Bar) {
        let n = self.panel.sessions.len();
        assert!(session_idx < n, "session index {session_idx} out of {n}");
        let at = stock_idx * n + session_idx;
        let factor = bar.adjustment_factor;
        let (open, high, low) = if bar.is_halted() && bar.open == 0.0 {
            (bar.close, bar.close, bar.close)
        } else {
            let high = bar.high.max(bar.open).max(bar.close);
            let low = bar.low.min(bar.open).min(bar.close);
            (bar.open, high, low)
        };
        self.panel.open[at] = open * factor;
        self.panel.high[at] = high * factor;
        self.panel.low[at] = low * factor;
        self.panel.close[at] = bar.close * factor;
        self.panel.volume[at] = bar.volume / factor;
    }

    /// Marks the bar of one stock in one session as the first after a seam, for instance a switch of
    /// price basis: see [`BarPanel::seams`].
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn mark_seam(&mut self, stock_idx: usize, session_idx: usize) {
        assert!(
            stock_idx < self.panel.stocks.len() && session_idx < self.panel.sessions.len(),
            "stock {stock_idx}, session {session_idx} out of range"
        );
        self.panel.seams.insert((stock_idx, session_idx));
    }

    /// Ends the filling.
    pub fn build(self) -> BarPanel {
        self.panel
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bar::PriceBasis;
    use crate::stock::{Market, StockCode};

    fn sessions() -> Vec<Session> {
        ["2024-01-02", "2024-01-03", "2024-01-04"]
            .map(|text| Session::parse(text).unwrap())
            .to_vec()
    }

    fn stock(code: &str) -> Stock {
        Stock {
            code: StockCode::parse(code).unwrap(),
            name: code.to_owned(),
            market: Market::Kospi,
            first_session: sessions()[0],
            last_session: sessions()[2],
        }
    }

    fn bar(prices: [f64; 4], volume: f64, adjustment_factor: f64) -> Bar {
        let [open, high, low, close] = prices;
        Bar {
            open,
            high,
            low,
            close,
            volume,
            adjustment_factor,
            basis: PriceBasis::AsTraded,
        }
    }

    /// Stock 0: traded, halted, after a 5:1 split. Stock 1: one bar, in the middle.
    fn panel() -> BarPanel {
        let mut builder = BarPanelBuilder::new(sessions(), vec![stock("000010"), stock("000020")]);
        builder.set(0, 0, &bar([100.0, 110.0, 90.0, 105.0], 8.0, 1.0));
        builder.set(0, 1, &bar([0.0, 0.0, 0.0, 105.0], 0.0, 1.0));
        builder.set(0, 2, &bar([21.0, 22.0, 20.0, 21.0], 40.0, 5.0));
        builder.set(1, 1, &bar([7.0; 4], 1.0, 1.0));
        builder.build()
    }

    #[test]
    fn bars_enter_adjusted_and_a_bare_halt_repeats_its_close() {
        let panel = panel();
        let bars = panel.stock_bars(0);
        assert_eq!(bars.open, [100.0, 105.0, 105.0]);
        assert_eq!(bars.high, [110.0, 105.0, 110.0]);
        assert_eq!(bars.low, [90.0, 105.0, 100.0]);
        assert_eq!(bars.close, [105.0, 105.0, 105.0]);
        assert_eq!(bars.volume, [8.0, 0.0, 8.0]);
        let close = panel.stock_bars(1).close;
        assert!(close[0].is_nan() && close[2].is_nan());
        assert_eq!(close[1], 7.0);
    }

    #[test]
    fn a_close_outside_the_range_widens_it_and_a_later_bar_wins() {
        let mut builder = BarPanelBuilder::new(sessions(), vec![stock("000010")]);
        builder.set(0, 0, &bar([1.0; 4], 1.0, 1.0));
        builder.set(0, 0, &bar([99.9, 110.0, 100.0, 110.1], 1.0, 1.0));
        let panel = builder.build();
        let bars = panel.stock_bars(0);
        assert_eq!((bars.low[0], bars.high[0]), (99.9, 110.1));
    }

    #[test]
    fn cuts_keep_every_stocks_own_bars() {
        let panel = panel();
        let known = panel.truncated_after(sessions()[1]);
        assert_eq!(known.sessions(), &sessions()[..2]);
        assert_eq!(known.stock_bars(0).volume, [8.0, 0.0]);
        assert_eq!(known.stock_bars(1).close[1], 7.0);
        // A date between two sessions keeps those before it.
        let weekend = Session::parse("2024-01-07").unwrap();
        assert_eq!(panel.truncated_after(weekend).sessions().len(), 3);

        let recent = panel.last_sessions(2);
        assert_eq!(recent.sessions(), &sessions()[1..]);
        assert_eq!(recent.stock_bars(0).volume, [0.0, 8.0]);
        assert_eq!(recent.stock_bars(1).close[0], 7.0);
        assert_eq!(panel.last_sessions(9).sessions(), panel.sessions());

        let second = panel.retain_stocks(|_, stock| stock.code.as_str() == "000020");
        assert_eq!(second.stocks(), [stock("000020")]);
        assert_eq!(second.stock_bars(0).close[1], 7.0);
    }

    #[test]
    fn seams_stay_with_their_stock_and_session() {
        let mut builder = BarPanelBuilder::new(sessions(), vec![stock("000010"), stock("000020")]);
        builder.mark_seam(1, 1);
        builder.mark_seam(1, 2);
        let panel = builder.build();
        let seams = |panel: &BarPanel, stock_idx| panel.seams(stock_idx).collect::<Vec<_>>();
        assert!(seams(&panel, 0).is_empty());
        assert_eq!(seams(&panel, 1), [1, 2]);
        assert_eq!(seams(&panel.last_sessions(2), 1), [0, 1]);
        assert_eq!(seams(&panel.truncated_after(sessions()[1]), 1), [1]);
        assert_eq!(seams(&panel.retain_stocks(|i, _| i == 1), 0), [1, 2]);
    }

    #[test]
    #[should_panic(expected = "stock codes must ascend strictly")]
    fn a_stock_twice_is_a_mistake() {
        let _ = BarPanelBuilder::new(sessions(), vec![stock("000010"), stock("000010")]);
    }
}
