//! Rows (session, stock) as tables: what a learner that knows no sequences takes.

use std::ops::Range;

use naeil_domain::Horizon;
use naeil_features::{FeaturePanel, Labels, Scaler};

use crate::error::BaselineError;
use crate::targets::HorizonTargets;

/// Every usable window of a range of sessions as one row: the columns of its as-of session, scaled,
/// and its outcomes.
///
/// # Shapes
/// Columns are stored one after the other, each of one value a row; rows ascend by session, then by
/// stock. 733,000 rows of 76 columns take 223 MB, their targets 32 MB.
#[derive(Debug, Clone, PartialEq)]
pub struct TabularData {
    names: Vec<String>,
    columns: Vec<Vec<f32>>,
    session_idx: Vec<u32>,
    stock_idx: Vec<u32>,
    sessions: Vec<Range<usize>>,
    targets: [HorizonTargets; Horizon::COUNT],
}

impl TabularData {
    /// Collects the rows of `sessions` and of the given stocks (`None`: all) whose window is usable,
    /// the very rows that a network is trained or scored on.
    ///
    /// The labels of `sessions` are taken as they are: a range that is trained on must end early
    /// enough for its outcomes to be known (see [`naeil_features::DateSplit`]).
    ///
    /// # Errors
    /// [`BaselineError::ColumnsDiffer`] if the scaler is of another spec than the panel.
    ///
    /// # Panics
    /// If a session or stock index is out of range.
    pub fn collect(
        panel: &FeaturePanel,
        labels: &Labels,
        scaler: &Scaler,
        sessions: Range<usize>,
        stock_idxs: Option<&[usize]>,
    ) -> Result<Self, BaselineError> {
        let n_columns = panel.spec().n_columns();
        if scaler.n_columns() != n_columns {
            return Err(BaselineError::ColumnsDiffer {
                found: scaler.n_columns(),
                expected: n_columns,
            });
        }
        let every_stock: Vec<usize>;
        let stock_idxs = match stock_idxs {
            Some(stock_idxs) => stock_idxs,
            None => {
                every_stock = (0..panel.stocks().len()).collect();
                &every_stock
            }
        };
        let places: Vec<(usize, usize)> = sessions
            .flat_map(|session_idx| {
                stock_idxs
                    .iter()
                    .map(move |&stock_idx| (session_idx, stock_idx))
            })
            .filter(|&(session_idx, stock_idx)| panel.window(session_idx, stock_idx).is_ok())
            .collect();
        let mut columns: Vec<Vec<f32>> = (0..n_columns)
            .map(|_| Vec::with_capacity(places.len()))
            .collect();
        let mut scaled = Vec::new();
        // Some rows at a time: columns are far apart, and a row alone would touch each of them.
        for places in places.chunks(256) {
            scaled.clear();
            for &(session_idx, stock_idx) in places {
                // A usable window has its as-of row.
                let row = panel.row(session_idx, stock_idx).unwrap_or_default();
                scaled.extend_from_slice(row);
            }
            scaler.transform(&mut scaled);
            for (i, column) in columns.iter_mut().enumerate() {
                column.extend(scaled.iter().skip(i).step_by(n_columns));
            }
        }
        let returns = Horizon::ALL.map(|horizon| {
            let label = |&(session_idx, stock_idx): &(usize, usize)| {
                labels
                    .forward_return(session_idx, stock_idx, horizon)
                    .unwrap_or(f32::NAN)
            };
            places.iter().map(label).collect()
        });
        Ok(Self::from_columns(
            panel.spec().names().to_vec(),
            columns,
            places.iter().map(|place| place.0 as u32).collect(),
            places.iter().map(|place| place.1 as u32).collect(),
            returns,
        ))
    }

    /// Puts rows together from their parts.
    ///
    /// # Shapes
    /// - `names`, `columns`: one entry a column; each column, and every other part, one value a row
    /// - `session_idx`: ascending
    /// - `returns`: one entry a horizon, `NaN` where the outcome is not known
    ///
    /// # Panics
    /// If lengths differ or sessions do not ascend.
    pub fn from_columns(
        names: Vec<String>,
        columns: Vec<Vec<f32>>,
        session_idx: Vec<u32>,
        stock_idx: Vec<u32>,
        returns: [Vec<f32>; Horizon::COUNT],
    ) -> Self {
        let n_rows = session_idx.len();
        assert_eq!(names.len(), columns.len(), "one name a column");
        assert!(session_idx.is_sorted(), "sessions ascend");
        assert!(
            stock_idx.len() == n_rows
                && columns.iter().all(|column| column.len() == n_rows)
                && returns.iter().all(|column| column.len() == n_rows),
            "every part has one value a row"
        );
        let mut end = 0;
        let sessions: Vec<Range<usize>> = session_idx
            .chunk_by(|a, b| a == b)
            .map(|rows| {
                end += rows.len();
                end - rows.len()..end
            })
            .collect();
        let targets = returns.map(|returns| HorizonTargets::new(returns, &sessions));
        Self {
            names,
            columns,
            session_idx,
            stock_idx,
            sessions,
            targets,
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.session_idx.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.session_idx.is_empty()
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The columns' names, as in the feature spec.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The scaled columns.
    pub fn columns(&self) -> &[Vec<f32>] {
        &self.columns
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&[f32]> {
        let at = self.names.iter().position(|found| found == name)?;
        Some(&self.columns[at])
    }

    /// The session of each row, as an index into the panel's.
    pub fn session_idx(&self) -> &[u32] {
        &self.session_idx
    }

    /// The stock of each row, as an index into the panel's.
    pub fn stock_idx(&self) -> &[u32] {
        &self.stock_idx
    }

    /// Rows of each session that has any, ascending.
    pub fn sessions(&self) -> &[Range<usize>] {
        &self.sessions
    }

    /// The outcomes at one horizon.
    pub fn targets(&self, horizon: Horizon) -> &HorizonTargets {
        &self.targets[horizon.index()]
    }

    /// The rows with a known outcome, of which there must be some.
    pub(crate) fn known(
        &self,
        horizon: Horizon,
        part: &'static str,
    ) -> Result<&[u32], BaselineError> {
        let known = self.targets(horizon).known();
        if known.is_empty() {
            return Err(BaselineError::NoRows { part, horizon });
        }
        Ok(known)
    }
}

#[cfg(test)]
mod tests;
