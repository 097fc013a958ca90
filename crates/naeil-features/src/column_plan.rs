//! Which indicators a spec computes, and where each value goes.

use crate::carried::CarriedBars;
use crate::indicators::Indicator;
use crate::spec::{FeatureSpec, Form};

/// The indicators of a spec, each once, however many columns hold it.
#[derive(Debug, Clone)]
pub(crate) struct ColumnPlan {
    /// In the order of their first columns.
    pub(crate) indicators: Vec<Indicator>,
    /// By column: the indicator whose value it holds.
    indicator_of: Vec<usize>,
    /// Columns that hold ranks, ascending.
    pub(crate) ranked: Vec<usize>,
    warm_up: usize,
}

impl ColumnPlan {
    pub(crate) fn new(spec: &FeatureSpec) -> Self {
        let mut plan = Self {
            indicators: Vec::new(),
            indicator_of: Vec::new(),
            ranked: Vec::new(),
            warm_up: spec.warm_up(),
        };
        for (column_idx, column) in spec.columns().iter().enumerate() {
            let known = plan.indicators.iter().position(|i| *i == column.indicator);
            plan.indicator_of.push(known.unwrap_or_else(|| {
                plan.indicators.push(column.indicator);
                plan.indicators.len() - 1
            }));
            if column.form == Form::Rank {
                plan.ranked.push(column_idx);
            }
        }
        plan
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

    /// One stock's columns as rows `[session, column]`, from session `from` of its life on, not yet
    /// ranked; `NaN` in the warm-up.
    pub(crate) fn rows(&self, bars: &CarriedBars, from: usize) -> Vec<f32> {
        let width = self.width();
        let mut rows = vec![f32::NAN; bars.len().saturating_sub(from) * width];
        if bars.len() <= self.warm_up {
            return rows;
        }
        let skipped = self.warm_up.saturating_sub(from);
        for (indicator_idx, indicator) in self.indicators.iter().enumerate() {
            let series = indicator.column(bars);
            let columns: Vec<usize> = (0..width)
                .filter(|&column| self.indicator_of[column] == indicator_idx)
                .collect();
            let places = rows
                .chunks_exact_mut(width)
                .zip(&series[from.min(series.len())..]);
            for (row, &value) in places.skip(skipped) {
                columns
                    .iter()
                    .for_each(|&column| row[column] = value as f32);
            }
        }
        rows
    }
}
