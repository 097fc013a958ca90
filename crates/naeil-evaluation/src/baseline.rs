//! Forecasters without skill, which a model has to beat.

use naeil_domain::Baseline;

use crate::row::ScoredRow;

/// What the baselines learn: shares of rises among the training rows of one horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingRates {
    /// Share of all rows that rose.
    pub base_rate: f64,
    /// Share of rises among rows whose as-of session closed higher.
    pub up_after_rise: f64,
    /// Share of rises among rows whose as-of session closed lower.
    pub up_after_fall: f64,
}

impl TrainingRates {
    /// Counts (return of the as-of session, whether the stock rose after it) over training rows.
    ///
    /// A share nothing was counted for is the base rate. `None` without any row.
    pub fn fit(rows: impl IntoIterator<Item = (f64, bool)>) -> Option<Self> {
        let mut all = Share::default();
        let mut after_rise = Share::default();
        let mut after_fall = Share::default();
        for (last_return, is_up) in rows {
            all.add(is_up);
            if last_return > 0.0 {
                after_rise.add(is_up);
            } else if last_return < 0.0 {
                after_fall.add(is_up);
            }
        }
        let base_rate = all.value()?;
        Some(Self {
            base_rate,
            up_after_rise: after_rise.value().unwrap_or(base_rate),
            up_after_fall: after_fall.value().unwrap_or(base_rate),
        })
    }

    /// The probability that `baseline` gives the row.
    ///
    /// The majority answers with certainty, so its log loss is that of a forecaster who is wrong
    /// without doubt. After an unchanged or unknown close the last move is the base rate.
    pub(crate) fn probability(&self, baseline: Baseline, row: &ScoredRow) -> f64 {
        match baseline {
            Baseline::Majority if self.base_rate > 0.5 => 1.0,
            Baseline::Majority => 0.0,
            Baseline::BaseRate => self.base_rate,
            Baseline::LastMove if row.last_return > 0.0 => self.up_after_rise,
            Baseline::LastMove if row.last_return < 0.0 => self.up_after_fall,
            Baseline::LastMove => self.base_rate,
        }
    }
}

#[derive(Default)]
struct Share {
    ups: u64,
    rows: u64,
}

impl Share {
    fn add(&mut self, is_up: bool) {
        self.ups += u64::from(is_up);
        self.rows += 1;
    }

    fn value(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.ups as f64 / self.rows as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_shares_of_what_followed() {
        // After rises: up, down, down = 1/3; after falls: up, up = 1; after a tie: down.
        // All: 3 of 6.
        let rows = [
            (0.01, true),
            (0.02, false),
            (0.01, false),
            (-0.01, true),
            (-0.03, true),
            (0.0, false),
        ];
        let rates = TrainingRates::fit(rows).unwrap();
        assert_eq!(rates.base_rate, 0.5);
        assert_eq!(rates.up_after_rise, 1.0 / 3.0);
        assert_eq!(rates.up_after_fall, 1.0);
    }

    #[test]
    fn what_never_happened_is_the_base_rate_and_no_rows_are_no_rates() {
        let rates = TrainingRates::fit([(0.01, true), (0.01, false)]).unwrap();
        assert_eq!(rates.up_after_fall, 0.5);
        assert_eq!(TrainingRates::fit([]), None);
    }

    #[test]
    fn each_baseline_answers_by_its_rule() {
        let rates = TrainingRates {
            base_rate: 0.45,
            up_after_rise: 0.40,
            up_after_fall: 0.52,
        };
        let check = |baseline, last_return, expected: f64| {
            let row = ScoredRow {
                session_idx: 0,
                probability_up: 0.9,
                forward_return: 0.0,
                last_return,
            };
            assert_eq!(
                rates.probability(baseline, &row),
                expected,
                "{baseline:?} after {last_return}"
            );
        };
        check(Baseline::Majority, 0.1, 0.0);
        check(Baseline::BaseRate, 0.1, 0.45);
        check(Baseline::LastMove, 0.1, 0.40);
        check(Baseline::LastMove, -0.1, 0.52);
        check(Baseline::LastMove, 0.0, 0.45);
        check(Baseline::LastMove, f64::NAN, 0.45);
    }
}
