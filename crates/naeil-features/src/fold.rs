//! Walk-forward folds: train on the past, test on what follows, move on.

#[cfg(test)]
mod tests;

use std::ops::Range;

use naeil_domain::Horizon;

use crate::error::FeatureError;

/// How a history is cut into folds.
///
/// Between training and what it is judged by lie `purge + embargo` sessions that belong to neither.
/// The purge keeps labels apart: the label of the last training session is known before the next
/// part begins. The embargo keeps the two further apart than that, because neighbouring sessions
/// resemble each other.
///
/// # Source
/// López de Prado (2018), Advances in Financial Machine Learning, section 7.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkForward {
    /// What a fold trains on.
    pub train: TrainingWindow,
    /// Sessions of a fold's validation part, before its test part; 0 for none.
    pub validation_sessions: usize,
    /// Sessions of a fold's test part.
    pub test_sessions: usize,
    /// Sessions from one fold's test part to the next one's: as many as are tested if the parts
    /// should tile the history.
    pub step: usize,
    /// Sessions left out so that no label reaches into the next part, at least
    /// [`Horizon::MAX_STEPS`].
    pub purge: usize,
    /// Sessions left out besides.
    pub embargo: usize,
}

/// How much of the past a fold trains on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrainingWindow {
    /// Everything since the first session; the first fold has at least so many.
    Expanding {
        /// Sessions of the first fold's training part.
        at_least: usize,
    },
    /// The last so many sessions.
    Rolling(usize),
}

impl TrainingWindow {
    fn sessions(self) -> usize {
        match self {
            Self::Expanding { at_least } => at_least,
            Self::Rolling(sessions) => sessions,
        }
    }
}

/// As-of sessions of one fold's parts, as indices into a panel's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// The model learns from these.
    pub train: Range<usize>,
    /// Early stopping and thresholds are decided on these, if there are any.
    pub validation: Option<Range<usize>>,
    /// The fold is judged by these.
    pub test: Range<usize>,
}

impl WalkForward {
    /// The folds of a history of `n_sessions`, from the oldest to the newest.
    ///
    /// The last test part ends with the last session; what is over is left to the first fold's
    /// training part, or before it.
    ///
    /// # Errors
    /// [`FeatureError::SplitInvalid`] if a part or the step is empty or the purge is shorter than
    /// the longest horizon; [`FeatureError::TooFewSessions`] if there is not one fold.
    pub fn folds(
        &self,
        n_sessions: usize,
    ) -> Result<impl DoubleEndedIterator<Item = Fold> + ExactSizeIterator + use<>, FeatureError>
    {
        self.check()?;
        let needed = self.before_test().saturating_add(self.test_sessions);
        if n_sessions < needed {
            return Err(FeatureError::TooFewSessions {
                needed,
                found: n_sessions,
            });
        }
        let n_folds = 1 + (n_sessions - needed) / self.step;
        let plan = *self;
        Ok((0..n_folds)
            .map(move |fold_idx| plan.fold(n_sessions - (n_folds - 1 - fold_idx) * plan.step)))
    }

    /// The fold whose test part ends before session `end`.
    fn fold(&self, end: usize) -> Fold {
        let apart = self.purge + self.embargo;
        let test = end - self.test_sessions..end;
        let validation = (self.validation_sessions > 0).then(|| {
            let end = test.start - apart;
            end - self.validation_sessions..end
        });
        let judged_from = validation.as_ref().map_or(test.start, |part| part.start);
        let train_end = judged_from - apart;
        let train_start = match self.train {
            TrainingWindow::Expanding { .. } => 0,
            TrainingWindow::Rolling(sessions) => train_end - sessions,
        };
        Fold {
            train: train_start..train_end,
            validation,
            test,
        }
    }

    /// Sessions that must lie before a test part.
    fn before_test(&self) -> usize {
        let apart = self.purge.saturating_add(self.embargo);
        let mut parts = vec![self.train.sessions(), apart];
        if self.validation_sessions > 0 {
            parts.extend([self.validation_sessions, apart]);
        }
        parts.into_iter().fold(0, usize::saturating_add)
    }

    fn check(&self) -> Result<(), FeatureError> {
        let invalid = |problem| Err(FeatureError::SplitInvalid { problem });
        let parts = [
            ("training", self.train.sessions()),
            ("test", self.test_sessions),
        ];
        if let Some((part, _)) = parts.into_iter().find(|(_, sessions)| *sessions == 0) {
            return invalid(format!("a fold needs at least one {part} session"));
        }
        if self.step == 0 {
            return invalid("folds a step of 0 sessions apart are all the same".to_owned());
        }
        if self.purge < Horizon::MAX_STEPS {
            return invalid(format!(
                "a purge of {} sessions lets labels overlap, use at least {}",
                self.purge,
                Horizon::MAX_STEPS
            ));
        }
        Ok(())
    }
}
