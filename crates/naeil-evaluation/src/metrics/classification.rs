//! Accuracy, precision, recall and F1 of calls at one half.

use crate::row::ScoredRow;

/// How often each call met each outcome; "positive" is "up".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confusion {
    /// Called up, rose.
    pub true_positives: usize,
    /// Called up, did not rise.
    pub false_positives: usize,
    /// Not called up, did not rise.
    pub true_negatives: usize,
    /// Not called up, rose.
    pub false_negatives: usize,
}

impl Confusion {
    /// Counts the calls of `rows`: "up" where the probability is above one half.
    pub fn count(rows: &[ScoredRow]) -> Self {
        let mut confusion = Self::default();
        for row in rows {
            let cell = match (row.calls_up(), row.is_up()) {
                (true, true) => &mut confusion.true_positives,
                (true, false) => &mut confusion.false_positives,
                (false, false) => &mut confusion.true_negatives,
                (false, true) => &mut confusion.false_negatives,
            };
            *cell += 1;
        }
        confusion
    }

    /// Share of calls that were right; undefined without rows.
    pub fn accuracy(&self) -> Option<f64> {
        let right = self.true_positives + self.true_negatives;
        ratio(right, right + self.false_positives + self.false_negatives)
    }

    /// Share of "up" calls that rose; undefined when nothing was called up.
    pub fn precision(&self) -> Option<f64> {
        ratio(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// Share of rises that were called up; undefined when nothing rose.
    pub fn recall(&self) -> Option<f64> {
        ratio(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); undefined where either is.
    pub fn f1(&self) -> Option<f64> {
        self.precision().and(self.recall())?;
        let twice = 2 * self.true_positives;
        ratio(twice, twice + self.false_positives + self.false_negatives)
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::fixture::{close_to, row, rows};

    #[test]
    fn agrees_with_scikit_learn() {
        let confusion = Confusion::count(&rows());
        close_to(confusion.accuracy(), 0.551_724_137_931_034_5);
        close_to(confusion.precision(), 0.555_555_555_555_555_6);
        close_to(confusion.recall(), 0.666_666_666_666_666_6);
        close_to(confusion.f1(), 0.606_060_606_060_606_1);
    }

    #[test]
    fn a_zero_division_is_none() {
        let nothing = Confusion::default();
        assert_eq!(nothing.accuracy(), None);
        // One rise, called down: precision is 0 / 0, recall 0 / 1.
        let missed = Confusion::count(&[row(0, 0.4, 0.01)]);
        assert_eq!(missed.precision(), None);
        assert_eq!(missed.recall(), Some(0.0));
        assert_eq!(missed.f1(), None);
        // One fall, called up: precision 0 / 1, recall 0 / 0.
        let wrong = Confusion::count(&[row(0, 0.6, -0.01)]);
        assert_eq!(wrong.precision(), Some(0.0));
        assert_eq!(wrong.recall(), None);
        assert_eq!(wrong.f1(), None);
    }

    #[test]
    fn one_half_is_not_a_call_and_an_unchanged_close_is_not_a_rise() {
        let confusion = Confusion::count(&[row(0, 0.5, 0.0)]);
        assert_eq!(confusion.true_negatives, 1);
        assert_eq!(confusion.accuracy(), Some(1.0));
    }
}
