//! Batches: some windows of one session with their targets.

#[cfg(test)]
mod tests;

use rayon::prelude::*;

use naeil_domain::Horizon;
use naeil_domain::ports::{WindowBatch, WindowShape};
use naeil_features::FeaturePanel;

use crate::data::SessionWindows;
use crate::scaling::WindowScaler;
use crate::targets::SessionTargets;

/// Windows copied and scaled at a time.
const CHUNK: usize = 64;

/// Windows with their targets, ready for the network.
///
/// # Shapes
/// `windows` is scaled; the others are `[n_windows, horizon]`, row-major, 0 where void.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Batch {
    pub(crate) windows: WindowBatch,
    /// Where the return stands among the session's, 0 to 1.
    pub(crate) percentile: Vec<f32>,
    /// 1 for a rise, else 0.
    pub(crate) up: Vec<f32>,
    /// What is added to the direction output: the logit of the session's share of rises.
    pub(crate) market: Vec<f32>,
    /// The return over the return scale.
    pub(crate) scaled_return: Vec<f32>,
    /// The label's share in the loss: 1 / (labels of this horizon in the batch).
    pub(crate) weight: Vec<f32>,
}

/// Copies windows out of the panel, scales them and looks up their targets.
pub(crate) struct BatchAssembler<'a> {
    pub(crate) panel: &'a FeaturePanel,
    pub(crate) shape: WindowShape,
    pub(crate) scaler: WindowScaler,
    /// What returns are divided by.
    pub(crate) return_scale: [f32; Horizon::COUNT],
}

impl BatchAssembler<'_> {
    /// Makes a batch of these rows of a session; its targets are those among the whole session.
    pub(crate) fn assemble(&self, session: &SessionWindows, rows: &[usize]) -> Batch {
        let targets = SessionTargets::new(session);
        let n_values = rows.len() * Horizon::COUNT;
        let mut batch = Batch {
            windows: self.windows(session, rows),
            percentile: Vec::with_capacity(n_values),
            up: Vec::with_capacity(n_values),
            market: Vec::with_capacity(n_values),
            scaled_return: Vec::with_capacity(n_values),
            weight: Vec::with_capacity(n_values),
        };
        let counts: [usize; Horizon::COUNT] = std::array::from_fn(|horizon_idx| {
            let labels = rows.iter().map(|&row| session.returns[row][horizon_idx]);
            labels.filter(|value| !value.is_nan()).count()
        });
        for &row in rows {
            for (horizon_idx, &value) in session.returns[row].iter().enumerate() {
                let known = !value.is_nan();
                let or_zero = |target: f32| if known { target } else { 0.0 };
                batch
                    .percentile
                    .push(or_zero(targets.percentiles[row][horizon_idx]));
                batch.up.push(if value > 0.0 { 1.0 } else { 0.0 });
                batch.market.push(targets.market[horizon_idx]);
                batch
                    .scaled_return
                    .push(or_zero(value / self.return_scale[horizon_idx]));
                batch
                    .weight
                    .push(or_zero(1.0 / counts[horizon_idx].max(1) as f32));
            }
        }
        batch
    }

    /// The scaled windows of these rows, copied chunk by chunk in parallel.
    fn windows(&self, session: &SessionWindows, rows: &[usize]) -> WindowBatch {
        let mut all = WindowBatch::zeros(rows.len(), &self.shape);
        let places = |rows: &[usize]| {
            let stock_idxs = rows.iter().map(|&row| session.stock_idxs[row] as usize);
            stock_idxs
                .map(|stock_idx| (session.session_idx, stock_idx))
                .collect::<Vec<_>>()
        };
        let sequences = all
            .sequence
            .par_chunks_mut(CHUNK * self.shape.sequence_len());
        let wides = all.wide.par_chunks_mut(CHUNK * self.shape.n_columns);
        (rows.par_chunks(CHUNK), sequences, wides)
            .into_par_iter()
            .for_each(|(rows, sequence, wide)| {
                let mut chunk = self
                    .panel
                    .gather(&self.shape, places(rows).into_iter())
                    .expect("the index admits only windows that are not void");
                self.scaler.transform(&mut chunk);
                sequence.copy_from_slice(&chunk.sequence);
                wide.copy_from_slice(&chunk.wide);
            });
        all
    }
}
