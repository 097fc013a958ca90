//! How weights do on the validation sessions.

#[cfg(test)]
mod tests;

use burn::tensor::{Tensor, TensorData};

use naeil_domain::Horizon;

use crate::batch::{Batch, BatchAssembler};
use crate::data::WindowIndex;
use crate::dense::values;
use crate::device::inference_device;
use crate::loss::loss;
use crate::network::{LstmNetwork, Outputs};
use crate::ranking::rank_correlation;
use crate::sampling::{Draw, drawn, generator};
use crate::summary::ValidationReport;

/// The windows that judge an epoch, the same for every epoch and member.
pub(crate) struct ValidationSet {
    index: WindowIndex,
    /// The rows drawn of each session.
    rows: Vec<Vec<usize>>,
}

impl ValidationSet {
    /// All windows of `index`, or about `n_windows` of them, the same share of every session.
    pub(crate) fn new(index: WindowIndex, n_windows: Option<usize>, seed: u64) -> Self {
        let share = n_windows.map_or(1.0, |n| n as f64 / index.n_windows() as f64);
        let rows = index.sessions.iter().map(|session| {
            let mut rng = generator(seed, Draw::Validation(session.session_idx));
            drawn(session.stock_idxs.len(), share.min(1.0), &mut rng)
        });
        Self {
            rows: rows.collect(),
            index,
        }
    }

    /// How many windows there are.
    pub(crate) fn n_windows(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    /// Judges a network: mean over the sessions of loss and rank correlation.
    pub(crate) fn judge(
        &self,
        assembler: &BatchAssembler<'_>,
        network: &LstmNetwork,
    ) -> ValidationReport {
        let mut total_loss = 0.0;
        let mut rank_ics = [(0.0, 0_usize); Horizon::COUNT];
        for (session, rows) in self.index.sessions.iter().zip(&self.rows) {
            let batch = assembler.assemble(session, rows);
            let outputs = forward(assembler, network, &batch);
            let relative = values(outputs.relative.clone());
            total_loss +=
                f64::from(loss(outputs, &batch, &inference_device()).into_scalar::<f32>());
            for (horizon_idx, (sum, n)) in rank_ics.iter_mut().enumerate() {
                if let Some(ic) = rank_ic(&batch, &relative, horizon_idx) {
                    *sum += ic;
                    *n += 1;
                }
            }
        }
        ValidationReport {
            loss: total_loss / self.rows.len() as f64,
            rank_ic: rank_ics.map(|(sum, n)| sum / n.max(1) as f64),
        }
    }
}

/// The outputs for a batch, nothing dropped.
fn forward(assembler: &BatchAssembler<'_>, network: &LstmNetwork, batch: &Batch) -> Outputs {
    let device = inference_device();
    let (shape, n_windows) = (&assembler.shape, batch.windows.n_windows);
    let sequence = TensorData::new(
        batch.windows.sequence.clone(),
        [n_windows, shape.seq_length, shape.sequence_columns.len()],
    );
    let columns = TensorData::new(batch.windows.wide.clone(), [n_windows, shape.n_columns]);
    network.forward(
        Tensor::<3>::from_data(sequence, &device),
        Tensor::<2>::from_data(columns, &device),
        None,
    )
}

fn rank_ic(batch: &Batch, relative: &[f32], horizon_idx: usize) -> Option<f64> {
    let at = (horizon_idx..relative.len()).step_by(Horizon::COUNT);
    let labelled = at.filter(|&at| batch.weight[at] > 0.0);
    let (outputs, returns): (Vec<f32>, Vec<f32>) = labelled
        .map(|at| (relative[at], batch.scaled_return[at]))
        .unzip();
    rank_correlation(&outputs, &returns)
}
