//! Raw series of a whole market.

use rayon::prelude::*;

use super::RawIndicator;
use super::engine::batch::Scratch;
use super::engine::graph::Graph;
use super::engine::plan::{Output, Plan};

/// The bars of one stock, or of many stocks of one length, stock after stock.
///
/// # Shapes
/// Every series `[stock, session]`, contiguous, oldest first and without gaps. One that no
/// indicator reads may be empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct RawBars<'a> {
    /// First prices.
    pub open: &'a [f64],
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices.
    pub close: &'a [f64],
    /// Shares traded.
    pub volume: &'a [f64],
}

impl<'a> RawBars<'a> {
    pub(super) fn of_close(close: &'a [f64]) -> Self {
        Self {
            close,
            ..Self::default()
        }
    }

    fn series(&self) -> [&'a [f64]; 5] {
        [self.open, self.high, self.low, self.close, self.volume]
    }
}

/// Computes raw indicators of many stocks at once, in parallel over the stocks.
///
/// Made once for a list of indicators; what they have in common is computed once a stock.
#[derive(Debug)]
pub struct RawTable {
    plan: Plan,
}

impl RawTable {
    /// Plans a list of indicators.
    ///
    /// # Panics
    /// If a parameter is outside what the indicator's function allows.
    pub fn new(indicators: &[RawIndicator]) -> Self {
        let mut graph = Graph::new();
        let outputs = indicators
            .iter()
            .map(|indicator| {
                indicator.check();
                Output {
                    node: indicator.series(&mut graph),
                    warm_up: indicator.warm_up(),
                }
            })
            .collect();
        Self {
            plan: Plan::new(graph, outputs),
        }
    }

    /// Number of indicators.
    pub fn n_columns(&self) -> usize {
        self.plan.outputs().len()
    }

    /// Computes every indicator of every stock into `out`, `NaN` in the warm-up. Fresh memory
    /// costs as much as the computing: keep `out` from one call to the next.
    ///
    /// # Shapes
    /// - `bars`: each series `[stock, session]`, or empty
    /// - `out`: `[column, stock, session]`, contiguous
    ///
    /// # Panics
    /// If a length does not fit the others, or an empty series is read.
    pub fn compute(&self, bars: &RawBars<'_>, n_sessions: usize, out: &mut [f64]) {
        let n_values = bars
            .series()
            .iter()
            .map(|series| series.len())
            .max()
            .unwrap_or(0);
        assert_eq!(
            out.len(),
            n_values * self.n_columns(),
            "[column, stock, session]"
        );
        for series in bars.series() {
            assert!(
                series.is_empty() || series.len() == n_values,
                "series differ in length"
            );
        }
        if n_values == 0 {
            return;
        }
        assert_eq!(n_values % n_sessions, 0, "stocks of one length");
        let n_stocks = n_values / n_sessions;
        let mut stocks: Vec<Vec<&mut [f64]>> = Vec::new();
        stocks.resize_with(n_stocks, || Vec::with_capacity(self.n_columns()));
        for column in out.chunks_exact_mut(n_values) {
            for (stock, series) in stocks.iter_mut().zip(column.chunks_exact_mut(n_sessions)) {
                stock.push(series);
            }
        }
        let compute = |scratch: &mut Scratch, (idx, columns): (usize, &mut Vec<&mut [f64]>)| {
            let of_stock = |series: &'_ [f64]| match series {
                [] => 0..0,
                _ => idx * n_sessions..(idx + 1) * n_sessions,
            };
            let bars = bars.series().map(|series| &series[of_stock(series)]);
            self.plan.run(bars, columns, scratch);
        };
        stocks
            .par_iter_mut()
            .enumerate()
            .with_min_len(16)
            .for_each_init(Scratch::default, compute);
    }
}

/// Raw indicators of one stock.
pub(super) fn raw<const N: usize>(
    indicators: [RawIndicator; N],
    bars: &RawBars<'_>,
) -> [Vec<f64>; N] {
    let table = RawTable::new(&indicators);
    let lengths = bars.series().map(<[f64]>::len);
    let n = lengths.into_iter().max().unwrap_or(0);
    let is_fitting = |length: &usize| *length == 0 || *length == n;
    assert!(
        lengths.iter().all(is_fitting),
        "the series differ in length"
    );
    let mut columns = std::array::from_fn(|_| vec![0.0; n]);
    if n > 0 {
        let mut slices: Vec<&mut [f64]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
        table
            .plan
            .run(bars.series(), &mut slices, &mut Scratch::default());
    }
    columns
}
