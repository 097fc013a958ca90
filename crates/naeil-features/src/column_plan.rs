//! Which indicators a spec computes, and where each value goes.

use crate::carried::CarriedBars;
use crate::indicators::stream::StockColumns;
use crate::indicators::{ColumnKernel, Indicator, Scratch};
use crate::spec::{FeatureSpec, Form};

/// The indicators of a spec, each once, however many columns hold it.
#[derive(Debug, Clone)]
pub(crate) struct ColumnPlan {
    /// In the order of their first columns.
    pub(crate) indicators: Vec<Indicator>,
    kernel: ColumnKernel,
    /// By column: the indicator whose value it holds.
    indicator_of: Vec<usize>,
    /// Columns that hold ranks, ascending.
    pub(crate) ranked: Vec<usize>,
    warm_up: usize,
}

impl ColumnPlan {
    pub(crate) fn new(spec: &FeatureSpec) -> Self {
        let (mut indicators, mut indicator_of) = (Vec::new(), Vec::new());
        let mut ranked = Vec::new();
        for (column_idx, column) in spec.columns().iter().enumerate() {
            let known = indicators.iter().position(|i| *i == column.indicator);
            indicator_of.push(known.unwrap_or_else(|| {
                indicators.push(column.indicator);
                indicators.len() - 1
            }));
            if column.form == Form::Rank {
                ranked.push(column_idx);
            }
        }
        Self {
            kernel: ColumnKernel::new(&indicators),
            indicators,
            indicator_of,
            ranked,
            warm_up: spec.warm_up(),
        }
    }

    /// The indicators of a stock before its first bar, to be moved on bar by bar.
    pub(crate) fn unborn(&self) -> StockColumns {
        self.kernel.stream()
    }

    /// Number of columns.
    pub(crate) fn width(&self) -> usize {
        self.indicator_of.len()
    }

    /// Puts one session's indicator values into their columns; those to be ranked wait there for
    /// the rest of the session.
    pub(crate) fn place(&self, values: &[f64], row: &mut [f32]) {
        for (place, &indicator_idx) in row.iter_mut().zip(&self.indicator_of) {
            *place = values[indicator_idx] as f32;
        }
    }

    /// One stock's columns as rows `[session, column]`, from session `from` after its first bar on,
    /// not yet ranked; `NaN` in the warm-up of each life.
    pub(crate) fn rows(&self, bars: &CarriedBars, from: usize, work: &mut PlanWork) -> Vec<f32> {
        let width = self.width();
        let mut rows = vec![f32::NAN; bars.len().saturating_sub(from) * width];
        let PlanWork { series, scratch } = work;
        for life in bars.lives() {
            let n = life.len();
            let first = (life.start + self.warm_up).max(from);
            if first >= life.end {
                continue;
            }
            series.resize(self.indicators.len() * n, f64::NAN);
            self.kernel.compute(bars, life.clone(), series, scratch);
            let of_life = &mut rows[(first - from) * width..(life.end - from) * width];
            for (row, t) in of_life.chunks_exact_mut(width).zip(first - life.start..) {
                for (place, &indicator_idx) in row.iter_mut().zip(&self.indicator_of) {
                    *place = series[indicator_idx * n + t] as f32;
                }
            }
        }
        rows
    }
}

/// What computing one stock needs, kept from stock to stock.
#[derive(Default)]
pub(crate) struct PlanWork {
    /// `[indicator, session of the life]`.
    series: Vec<f64>,
    scratch: Scratch,
}
