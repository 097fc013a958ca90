//! Rows whose scores other libraries computed.
//!
//! The expected values in the tests of this crate come from scikit-learn 1.9.1, SciPy 1.17.1 and
//! this script, where `T` is [`TABLE`] as a list of tuples:
//!
//! ```python
//! import numpy as np
//! from scipy.stats import pearsonr, spearmanr
//! from sklearn import metrics as m
//! s, p, r, last = map(np.array, zip(*T))
//! y, call = r > 0, p > 0.5
//! print(m.accuracy_score(y, call), m.precision_score(y, call), m.recall_score(y, call))
//! print(m.f1_score(y, call), m.roc_auc_score(y, p), m.brier_score_loss(y, p), m.log_loss(y, p))
//! for f in (pearsonr, spearmanr):
//!     daily = np.array([f(p[s == k], r[s == k])[0] for k in (3, 4, 6)])
//!     print(daily, daily.mean(), daily.std(ddof=1) / np.sqrt(3))
//! ```

use crate::row::ScoredRow;

/// Session, probability, forward return, last return; with ties, an unchanged close, a session
/// missing on the axis (5), one too small (7) and one without variation (8).
const TABLE: [(u32, f64, f64, f64); 29] = [
    (3, 0.52, 0.012, 0.004),
    (3, 0.47, -0.008, -0.011),
    (3, 0.61, 0.003, 0.020),
    (3, 0.47, 0.000, 0.000),
    (3, 0.55, -0.021, -0.002),
    (3, 0.40, 0.015, -0.030),
    (3, 0.66, 0.042, 0.007),
    (4, 0.31, -0.050, 0.012),
    (4, 0.50, 0.006, -0.008),
    (4, 0.58, 0.006, 0.001),
    (4, 0.44, -0.013, 0.000),
    (4, 0.63, -0.002, -0.021),
    (4, 0.58, 0.028, 0.042),
    (6, 0.49, 0.009, 0.006),
    (6, 0.53, -0.017, 0.006),
    (6, 0.38, -0.004, -0.013),
    (6, 0.71, 0.033, -0.002),
    (6, 0.45, -0.004, 0.028),
    (6, 0.51, 0.000, -0.050),
    (6, 0.36, 0.011, 0.009),
    (6, 0.59, -0.026, -0.017),
    (7, 0.20, 0.010, -0.004),
    (7, 0.90, -0.010, 0.033),
    (7, 0.60, 0.020, -0.004),
    (8, 0.56, 0.010, 0.000),
    (8, 0.56, -0.020, 0.011),
    (8, 0.56, 0.007, -0.026),
    (8, 0.56, -0.001, 0.003),
    (8, 0.56, 0.002, 0.015),
];

/// The fixture.
pub(crate) fn rows() -> Vec<ScoredRow> {
    TABLE
        .iter()
        .map(
            |&(session_idx, probability_up, forward_return, last_return)| ScoredRow {
                session_idx,
                probability_up,
                forward_return,
                last_return,
            },
        )
        .collect()
}

/// A row whose last return does not matter.
pub(crate) fn row(session_idx: u32, probability_up: f64, forward_return: f64) -> ScoredRow {
    ScoredRow {
        session_idx,
        probability_up,
        forward_return,
        last_return: 0.0,
    }
}

/// Asserts a defined value within 1e-12 of the expected one.
#[track_caller]
pub(crate) fn close_to(actual: Option<f64>, expected: f64) {
    let actual = actual.expect("the score is defined");
    assert!(
        (actual - expected).abs() < 1e-12,
        "{actual} is not {expected}"
    );
}
