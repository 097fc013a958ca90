//! Columns cut into at most 255 bins.

use rayon::prelude::*;

use crate::tabular::TabularData;

/// Bins of a column at most; a bin fits a byte.
pub(crate) const MAX_BINS: usize = 255;

/// Values that decide where a column is cut, at most: enough for cuts to be within a tenth of a
/// bin's share of rows.
const CUT_SAMPLE: usize = 200_000;

/// Where the columns are cut: bin b of a column holds values above cut b - 1, up to and including
/// cut b.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cuts {
    columns: Vec<Vec<f32>>,
}

impl Cuts {
    /// Cuts every column so that its bins hold about the same number of rows.
    pub(crate) fn fit(data: &TabularData) -> Self {
        let step = data.len().div_ceil(CUT_SAMPLE).max(1);
        let columns = (data.columns().par_iter())
            .map(|column| {
                let mut values: Vec<f32> = column.iter().copied().step_by(step).collect();
                values.sort_unstable_by(f32::total_cmp);
                let n = values.len();
                let mut cuts: Vec<f32> = (1..MAX_BINS)
                    .filter_map(|i| values.get((i * n / MAX_BINS).max(1) - 1).copied())
                    .collect();
                cuts.dedup();
                // The greatest value needs no cut above it.
                if cuts.last() == values.last() {
                    cuts.pop();
                }
                cuts
            })
            .collect();
        Self { columns }
    }

    /// The bin of every value, column by column.
    pub(crate) fn bin(&self, data: &TabularData) -> Bins {
        let columns = (data.columns().par_iter().zip(&self.columns))
            .map(|(column, cuts)| {
                let bin = |&value: &f32| cuts.partition_point(|&cut| cut < value) as u8;
                column.iter().map(bin).collect()
            })
            .collect();
        Bins {
            columns,
            n_rows: data.len(),
        }
    }

    /// Number of columns.
    pub(crate) fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// Bins of a column.
    pub(crate) fn n_bins(&self, column: usize) -> usize {
        self.columns[column].len() + 1
    }
}

/// Binned columns, a byte a value.
#[derive(Debug)]
pub(crate) struct Bins {
    pub(crate) columns: Vec<Vec<u8>>,
    pub(crate) n_rows: usize,
}
