//! The names of the figures.

/// A figure of one forecaster at one horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// Mean over sessions of Spearman's correlation of relative score and return.
    RankIc,
    /// Mean over sessions of Pearson's correlation of relative score and return.
    Ic,
    /// Rank IC of what single factors leave of the score's ranks.
    RankIcBeyondFactors,
    /// Mean over sessions of the area under the ROC curve of the relative score.
    AucWithinSessions,
    /// The same of the probability: what the direction output orders.
    DirectionAucWithinSessions,
    /// Area under the ROC curve of the probability, over all rows.
    Auc,
    /// Share of rows whose side of one half is right.
    Accuracy,
    /// Share of rises among rows called up.
    Precision,
    /// Share of rises that were called up.
    Recall,
    /// Harmonic mean of precision and recall.
    F1,
    /// Mean squared error of the probability.
    Brier,
    /// Mean negative log likelihood, natural logarithm.
    LogLoss,
    /// Log loss of the probability shifted to the session's own base rate.
    LogLossGivenBaseRate,
    /// Expected calibration error of the probability.
    CalibrationError,
    /// Expected calibration error of the probability shifted to the session's own base rate.
    CalibrationErrorGivenBaseRate,
    /// Share of rows with an answer other than neutral.
    Coverage,
    /// Share of directional answers that are right.
    SelectiveAccuracy,
    /// Share of returns inside their interval.
    IntervalCoverage,
    /// Mean width of the intervals, as a simple return.
    IntervalWidth,
    /// Mean pinball loss over the quantile levels.
    PinballLoss,
    /// Mean return of the top decile minus that of the bottom one, over the horizon.
    DecileSpread,
    /// The decile spread after trading costs.
    DecileSpreadAfterCosts,
    /// Share of a decile that is replaced when it is renewed, mean of top and bottom.
    Turnover,
}

/// Whether rows with an unchanged close are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ties {
    /// Every row; an unchanged close is not a rise.
    Counted,
    /// Only rows whose close changed.
    LeftOut,
}

impl Ties {
    /// Both, in the order of reports.
    pub const ALL: [Self; 2] = [Self::Counted, Self::LeftOut];

    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::LeftOut => "left_out",
        }
    }
}

impl Metric {
    /// All, in the order of reports.
    pub const ALL: [Self; 23] = [
        Self::RankIc,
        Self::Ic,
        Self::RankIcBeyondFactors,
        Self::AucWithinSessions,
        Self::DirectionAucWithinSessions,
        Self::Auc,
        Self::Accuracy,
        Self::Precision,
        Self::Recall,
        Self::F1,
        Self::Brier,
        Self::LogLoss,
        Self::LogLossGivenBaseRate,
        Self::CalibrationError,
        Self::CalibrationErrorGivenBaseRate,
        Self::Coverage,
        Self::SelectiveAccuracy,
        Self::IntervalCoverage,
        Self::IntervalWidth,
        Self::PinballLoss,
        Self::DecileSpread,
        Self::DecileSpreadAfterCosts,
        Self::Turnover,
    ];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RankIc => "rank_ic",
            Self::Ic => "ic",
            Self::RankIcBeyondFactors => "rank_ic_beyond_factors",
            Self::AucWithinSessions => "auc_within_sessions",
            Self::DirectionAucWithinSessions => "direction_auc_within_sessions",
            Self::Auc => "auc",
            Self::Accuracy => "accuracy",
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::F1 => "f1",
            Self::Brier => "brier",
            Self::LogLoss => "log_loss",
            Self::LogLossGivenBaseRate => "log_loss_given_base_rate",
            Self::CalibrationError => "calibration_error",
            Self::CalibrationErrorGivenBaseRate => "calibration_error_given_base_rate",
            Self::Coverage => "coverage",
            Self::SelectiveAccuracy => "selective_accuracy",
            Self::IntervalCoverage => "interval_coverage",
            Self::IntervalWidth => "interval_width",
            Self::PinballLoss => "pinball_loss",
            Self::DecileSpread => "decile_spread",
            Self::DecileSpreadAfterCosts => "decile_spread_after_costs",
            Self::Turnover => "turnover",
        }
    }

    /// Whether the figure is also given without unchanged closes: those of ordering, of the
    /// direction and of its probability are; those of intervals and portfolios are not.
    pub const fn has_ties(self) -> bool {
        !matches!(
            self,
            Self::RankIcBeyondFactors
                | Self::Coverage
                | Self::IntervalCoverage
                | Self::IntervalWidth
                | Self::PinballLoss
                | Self::DecileSpread
                | Self::DecileSpreadAfterCosts
                | Self::Turnover
        )
    }

    /// Whether more is better; `None` for what is neither good nor bad by itself.
    pub const fn is_higher_better(self) -> Option<bool> {
        match self {
            Self::Brier
            | Self::LogLoss
            | Self::LogLossGivenBaseRate
            | Self::CalibrationError
            | Self::CalibrationErrorGivenBaseRate
            | Self::PinballLoss => Some(false),
            Self::Coverage | Self::IntervalCoverage | Self::IntervalWidth | Self::Turnover => None,
            _ => Some(true),
        }
    }
}
