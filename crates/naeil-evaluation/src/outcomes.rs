//! What happened: the rows of one horizon that forecasters are judged on.

use std::ops::Range;

/// Outcomes of one horizon, session by session. Scores of any forecaster stand beside them as a
/// slice of the same length.
///
/// # Shapes
/// Every column: one value a row; `session_idx` ascends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcomes {
    session_idx: Vec<u32>,
    stock_idx: Vec<u32>,
    forward_return: Vec<f64>,
    /// Rows of each session that has any.
    sessions: Vec<Range<usize>>,
}

impl Outcomes {
    /// Appends a row.
    ///
    /// # Units
    /// `forward_return`: simple return from the as-of close to the target close.
    ///
    /// # Panics
    /// If sessions do not ascend or the return is not finite: rows come from labels, which are.
    pub fn push(&mut self, session_idx: u32, stock_idx: u32, forward_return: f64) {
        assert!(forward_return.is_finite(), "labels are finite");
        match self.session_idx.last() {
            Some(&last) if last == session_idx => {
                if let Some(rows) = self.sessions.last_mut() {
                    rows.end += 1;
                }
            }
            last => {
                assert!(
                    last.is_none_or(|&last| last < session_idx),
                    "sessions ascend"
                );
                let at = self.session_idx.len();
                self.sessions.push(at..at + 1);
            }
        }
        self.session_idx.push(session_idx);
        self.stock_idx.push(stock_idx);
        self.forward_return.push(forward_return);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.session_idx.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.session_idx.is_empty()
    }

    /// Rows of each session that has any, ascending.
    pub fn sessions(&self) -> &[Range<usize>] {
        &self.sessions
    }

    /// The session of each row, on an axis that counts sessions one by one.
    pub fn session_idx(&self) -> &[u32] {
        &self.session_idx
    }

    /// The stock of each row.
    pub fn stock_idx(&self) -> &[u32] {
        &self.stock_idx
    }

    /// The simple return of each row.
    pub fn forward_return(&self) -> &[f64] {
        &self.forward_return
    }

    /// Whether the close of a row rose; an unchanged close did not.
    pub fn is_up(&self, row: usize) -> bool {
        self.forward_return[row] > 0.0
    }
}
