//! What a server computes from its last sessions against what the whole history gives.

use anyhow::ensure;
use naeil_domain::BarPanel;
use naeil_features::{FeaturePanel, Form, SERVING_SESSIONS};

use super::LookaheadFigures;

/// What may differ, in the column's magnitude: the residual of recursions that began later.
const ALLOWED: f64 = 1e-7;

/// Compares, every `every` sessions, the windows of a server's read with the whole history's.
pub(super) fn a_read_is_the_history(
    bars: &BarPanel,
    whole: &FeaturePanel,
    every: usize,
    figures: &mut LookaheadFigures,
) -> anyhow::Result<()> {
    let lookback = whole.spec().lookback();
    let magnitudes = magnitudes(whole);
    for as_of in (SERVING_SESSIONS..bars.sessions().len()).step_by(every) {
        let session = bars.sessions()[as_of];
        let read = bars
            .truncated_after(session)
            .last_sessions(SERVING_SESSIONS);
        let served = FeaturePanel::compute_last(whole.spec(), &read, lookback)?;
        let comparison = Comparison {
            whole,
            served: &served,
            shift: as_of + 1 - lookback,
            magnitudes: &magnitudes,
        };
        for (stock_idx, stock) in bars.stocks().iter().enumerate() {
            let trained = whole.window(as_of, stock_idx);
            let found = served.window(lookback - 1, stock_idx);
            ensure!(
                trained.as_ref().err() == found.as_ref().err(),
                "{} in {session}: the whole history gives {:?}, a server {:?}",
                stock.code,
                trained.err(),
                found.err()
            );
            if trained.is_ok() {
                comparison.rows(stock_idx, figures)?;
                figures.served_windows += 1;
            }
        }
    }
    Ok(())
}

/// The greatest value of each column among eligible stocks, without its sign.
fn magnitudes(panel: &FeaturePanel) -> Vec<f64> {
    let mut greatest = vec![0.0_f64; panel.spec().n_columns()];
    for session_idx in 0..panel.sessions().len() {
        for stock_idx in 0..panel.stocks().len() {
            if !panel.is_eligible(session_idx, stock_idx) {
                continue;
            }
            for (greatest, &x) in greatest
                .iter_mut()
                .zip(panel.row(session_idx, stock_idx).unwrap_or(&[]))
            {
                *greatest = greatest.max(f64::from(x.abs()));
            }
        }
    }
    greatest
}

struct Comparison<'a> {
    whole: &'a FeaturePanel,
    served: &'a FeaturePanel,
    /// Session of the whole history that is the server's first.
    shift: usize,
    magnitudes: &'a [f64],
}

impl Comparison<'_> {
    /// Compares the rows of one stock's window.
    fn rows(&self, stock_idx: usize, figures: &mut LookaheadFigures) -> anyhow::Result<()> {
        let spec = self.whole.spec();
        for session_idx in 0..spec.lookback() {
            let (Some(expected), Some(found)) = (
                self.whole.row(self.shift + session_idx, stock_idx),
                self.served.row(session_idx, stock_idx),
            ) else {
                continue;
            };
            for (column_idx, column) in spec.columns().iter().enumerate() {
                let (expected, found) = (expected[column_idx], found[column_idx]);
                if expected.to_bits() == found.to_bits() {
                    continue;
                }
                let holds = match column.form {
                    Form::Raw => {
                        let difference = f64::from((expected - found).abs());
                        // Single precision rounds the two apart by a step.
                        let step = f64::from(f32::EPSILON * expected.abs());
                        let share = (difference - step).max(0.0) / self.magnitudes[column_idx];
                        figures.served_difference = figures.served_difference.max(share);
                        share <= ALLOWED
                    }
                    Form::Rank => {
                        figures.served_ties += 1;
                        self.is_tie(session_idx, stock_idx, column_idx, (expected - found).abs())
                    }
                };
                ensure!(
                    holds,
                    "{} of {} in {}: the whole history gives {expected}, a server {found}",
                    column.name,
                    self.whole.stocks()[stock_idx].code,
                    self.served.sessions()[session_idx]
                );
            }
        }
        Ok(())
    }

    /// Whether a difference of ranks is no more than stocks as good as equal explain.
    fn is_tie(&self, session_idx: usize, stock_idx: usize, column_idx: usize, by: f32) -> bool {
        let spec = self.whole.spec();
        let indicator = spec.columns()[column_idx].indicator;
        let raw = spec.columns().iter();
        let Some(raw_idx) = raw
            .clone()
            .position(|c| c.form == Form::Raw && c.indicator == indicator)
        else {
            return false;
        };
        let session_idx = self.shift + session_idx;
        let value = |stock_idx: usize| {
            let eligible = self.whole.is_eligible(session_idx, stock_idx);
            let row = self
                .whole
                .row(session_idx, stock_idx)
                .filter(|_| eligible)?;
            Some(f64::from(row[raw_idx]))
        };
        let Some(own) = value(stock_idx) else {
            return false;
        };
        let step = 2.0 * f64::from(f32::EPSILON) * own.abs();
        let near = 2.0 * ALLOWED * self.magnitudes[raw_idx] + step;
        let (mut n, mut n_near) = (0, 0);
        for other in (0..self.whole.stocks().len()).filter_map(value) {
            n += 1;
            n_near += usize::from((other - own).abs() <= near);
        }
        // Itself aside; each of them moves the rank by one place at most.
        let places = f64::from(by) / 12.0_f64.sqrt() * n as f64;
        places <= (n_near - 1) as f64 + 1e-3
    }
}
