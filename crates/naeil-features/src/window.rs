//! Windows: what a model sees of one stock in one session.

/// A usable window: the rows of the lookback, oldest first, as a view of the panel.
///
/// # Shapes
/// `[lookback, n_columns]`, one row a session, unscaled. Every value is finite.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    values: &'a [f32],
    lookback: usize,
    n_columns: usize,
    /// Distance between the same stock's rows of two sessions.
    stride: usize,
}

impl<'a> Window<'a> {
    /// Views `values`, which begin with the first row.
    pub(crate) fn new(values: &'a [f32], lookback: usize, n_columns: usize, stride: usize) -> Self {
        Self {
            values,
            lookback,
            n_columns,
            stride,
        }
    }

    /// The rows, oldest first, each of `n_columns` values.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [f32]> + use<'a> {
        let Self {
            values,
            n_columns,
            stride,
            ..
        } = *self;
        (0..self.lookback).map(move |i| &values[i * stride..i * stride + n_columns])
    }

    /// Copies the window, one row after the other.
    ///
    /// # Panics
    /// If `out` does not hold exactly `lookback * n_columns` values.
    pub fn copy_into(&self, out: &mut [f32]) {
        assert_eq!(
            out.len(),
            self.lookback * self.n_columns,
            "a window holds lookback x n_columns values"
        );
        for (place, row) in out.chunks_exact_mut(self.n_columns).zip(self.rows()) {
            place.copy_from_slice(row);
        }
    }
}

/// Why a stock has no usable window in a session; the first reason that holds, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum VoidWindow {
    /// There is no bar in the as-of session: not listed yet, delisted, or a gap in the data.
    #[error("the stock has no bar in this session")]
    NoBar,
    /// Trading was halted in the as-of session.
    #[error("the stock did not trade in this session")]
    NotTraded,
    /// The stock's life is shorter than warm-up and lookback.
    #[error("the stock's history is {sessions_missing} sessions too short")]
    TooLittleHistory {
        /// How many more sessions are needed.
        sessions_missing: usize,
    },
    /// Too many sessions of the lookback passed without trading.
    #[error("the stock did not trade in {untraded} of the last sessions, {allowed} are allowed")]
    TooManyUntraded {
        /// Sessions of the lookback without trading.
        untraded: usize,
        /// How many the spec allows.
        allowed: usize,
    },
    /// A close in the lookback lies further from the one before than the exchange's limit lets
    /// it: a corporate action that the data do not know.
    #[error("the price moved further in one session than the exchange allows")]
    ImpossibleMove,
}

impl VoidWindow {
    /// A stable word for counters and replies.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoBar => "no_bar",
            Self::NotTraded => "not_traded",
            Self::TooLittleHistory { .. } => "too_little_history",
            Self::TooManyUntraded { .. } => "too_many_untraded",
            Self::ImpossibleMove => "impossible_move",
        }
    }
}
