//! Weights in the order in which the backward pass reads them.

use crate::aligned::Aligned;
use crate::pack::{GATES, LANES, PackedLstm};

use super::product::PANEL;

/// Part of the packed weights, transposed: from gradients at gates to gradients at inputs.
///
/// # Shapes
/// `[columns / 64, gates, 64]`, columns filled up with zeros; gates in the order of a packed layer,
/// `[blocks, 4, 16]`.
#[derive(Debug, Default)]
pub(crate) struct Transposed {
    pub(super) values: Aligned,
    pub(super) columns: usize,
}

impl Transposed {
    /// Transposes the weights of `columns` inputs from `first` on.
    pub(super) fn fill(&mut self, lstm: &PackedLstm, first: usize, columns: usize) {
        let n_inputs = lstm.shape.input_size + lstm.shape.hidden_size;
        let n_gates = lstm.shape.padded() * GATES;
        let len = columns.div_ceil(PANEL) * n_gates * PANEL;
        if self.values.len() != len || self.columns != columns {
            // Places that no weight fills have to be 0.
            self.values = Aligned::zeros(len);
            self.columns = columns;
        }
        for (panel_idx, panel) in self.values.chunks_exact_mut(n_gates * PANEL).enumerate() {
            let here = PANEL.min(columns - panel_idx * PANEL);
            for (block, panel) in panel.chunks_exact_mut(GATES * LANES * PANEL).enumerate() {
                let from = block * n_inputs + first + panel_idx * PANEL;
                let weights = &lstm.weights[from * GATES * LANES..(from + here) * GATES * LANES];
                for (gates, places) in weights.chunks_exact(GATES * LANES).zip(0..here) {
                    for (gate, weight) in gates.iter().enumerate() {
                        panel[gate * PANEL + places] = *weight;
                    }
                }
            }
        }
    }
}
