//! Windows copied out of a panel, as a model takes them.

use naeil_domain::ports::{WindowBatch, WindowShape};

use crate::panel::FeaturePanel;
use crate::window::VoidWindow;

impl FeaturePanel {
    /// Copies the unscaled windows at these (session, stock) pairs, in their order.
    ///
    /// # Errors
    /// [`VoidWindow`] of the first pair whose window may not be used.
    ///
    /// # Panics
    /// If an index is out of range, or the shape is not of this panel: more sessions than its lookback,
    /// or columns that it has not.
    pub fn gather(
        &self,
        shape: &WindowShape,
        places: impl ExactSizeIterator<Item = (usize, usize)>,
    ) -> Result<WindowBatch, VoidWindow> {
        assert_eq!(
            shape.n_columns,
            self.spec().n_columns(),
            "columns of the panel"
        );
        assert!(
            shape.seq_length <= self.spec().lookback(),
            "sessions of a window"
        );
        let mut batch = WindowBatch::zeros(places.len(), shape);
        let n_skipped = self.spec().lookback() - shape.seq_length;
        let sequences = batch.sequence.chunks_exact_mut(shape.sequence_len());
        let wides = batch.wide.chunks_exact_mut(shape.n_columns);
        for ((session_idx, stock_idx), (sequence, wide)) in places.zip(sequences.zip(wides)) {
            let window = self.window(session_idx, stock_idx)?;
            let steps = sequence.chunks_exact_mut(shape.sequence_columns.len());
            for (row, step) in window.rows().skip(n_skipped).zip(steps) {
                for (value, &column) in step.iter_mut().zip(&shape.sequence_columns) {
                    *value = row[column];
                }
            }
            if let Some(last) = window.rows().last() {
                wide.copy_from_slice(last);
            }
        }
        Ok(batch)
    }
}
