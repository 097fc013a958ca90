//! The scaler, for both parts of a window.

use naeil_domain::ports::{WindowBatch, WindowShape};
use naeil_features::Scaler;

/// Scales windows of a shape in place, as training and inference both do it.
#[derive(Debug, Clone)]
pub(crate) struct WindowScaler {
    sequence: Scaler,
    wide: Scaler,
}

impl WindowScaler {
    /// Takes the sequence's columns out of `scaler`, which has those of the panel.
    ///
    /// # Panics
    /// If a column is out of range: configurations are checked before.
    pub(crate) fn new(scaler: &Scaler, shape: &WindowShape) -> Self {
        let pick = |values: Vec<f32>| -> Vec<f32> {
            let columns = shape.sequence_columns.iter();
            columns.map(|&column| values[column]).collect()
        };
        let sequence = Scaler::from_parts(
            &pick(scaler.means()),
            &pick(scaler.stds()),
            &pick(scaler.lows()),
            &pick(scaler.highs()),
        );
        Self {
            sequence: sequence.expect("columns of a valid scaler, at least one"),
            wide: scaler.clone(),
        }
    }

    /// Scales every window.
    pub(crate) fn transform(&self, windows: &mut WindowBatch) {
        self.sequence.transform(&mut windows.sequence);
        self.wide.transform(&mut windows.wide);
    }
}
