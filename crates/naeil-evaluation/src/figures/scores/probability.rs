//! The figures of the probability of a rise.

use super::super::metric::{Metric, Ties};
use super::super::sample::Sample;
use super::{ForecastScores, sums};
use crate::Statistic;
use crate::metrics::auc::auc_of_ranks;
use crate::metrics::base_rate::given_base_rate;
use crate::metrics::log_loss::surprise;
use crate::metrics::pooled_auc::pooled_auc;
use crate::metrics::ranks::{ascending, average_ranks};
use crate::metrics::reliability::{Bins, N_BINS};

impl ForecastScores {
    pub(super) fn add_probability(&mut self, sample: &Sample, ties: Ties) {
        let Some(probabilities) = &sample.probability_up else {
            return;
        };
        let sessions = &sample.sessions;
        let p_and_up = |row: usize| (probabilities[row], sample.is_up[row]);
        let aucs = sessions.iter().map(|rows| {
            let ranks = average_ranks(&probabilities[rows.clone()]);
            auc_of_ranks(&ranks, sample.is_up[rows.clone()].iter().copied())
        });
        self.add(
            Metric::DirectionAucWithinSessions,
            ties,
            Statistic::mean(aucs),
        );
        let order = ascending(probabilities);
        if let Some(auc) = pooled_auc(probabilities, &order, &sample.is_up, sessions) {
            self.add(Metric::Auc, ties, auc);
        }
        let share = |numerator: &dyn Fn(f64, bool) -> f64,
                     denominator: &dyn Fn(f64, bool) -> f64| {
            sums(sessions, |row| {
                let (p, up) = p_and_up(row);
                (numerator(p, up), denominator(p, up))
            })
        };
        let one = |truth: bool| f64::from(u8::from(truth));
        let accuracy = share(&|p, up| one((p > 0.5) == up), &|_, _| 1.0);
        let precision = share(&|p, up| one(p > 0.5 && up), &|p, _| one(p > 0.5));
        let recall = share(&|p, up| one(p > 0.5 && up), &|_, up| one(up));
        // 2 TP / (2 TP + FP + FN): twice the hits over calls plus rises.
        let f1 = share(&|p, up| 2.0 * one(p > 0.5 && up), &|p, up| {
            one(p > 0.5) + one(up)
        });
        let brier = share(&|p, up| (p - one(up)).powi(2), &|_, _| 1.0);
        let log_loss = share(&surprise, &|_, _| 1.0);
        self.add(Metric::Accuracy, ties, accuracy);
        self.add(Metric::Precision, ties, precision);
        self.add(Metric::Recall, ties, recall);
        self.add(Metric::F1, ties, f1);
        self.add(Metric::Brier, ties, brier);
        self.add(Metric::LogLoss, ties, log_loss);
        let bins = Bins::of_equal_count(probabilities, &order, N_BINS);
        let error = bins.calibration_error(probabilities, &sample.is_up, sessions);
        self.add(Metric::CalibrationError, ties, error);
        if ties == Ties::Counted {
            self.reliability = bins.table(probabilities, &sample.is_up);
        }
        self.add_given_base_rate(sample, probabilities, ties);
    }

    /// The figures of [`given_base_rate`]; sessions where all rows or none rose are left out.
    fn add_given_base_rate(&mut self, sample: &Sample, probabilities: &[f64], ties: Ties) {
        let (mut shifted, mut is_up) = (Vec::new(), Vec::new());
        let mut sessions = Vec::with_capacity(sample.sessions.len());
        for rows in &sample.sessions {
            let ups = &sample.is_up[rows.clone()];
            let start = shifted.len();
            let n_rises = ups.iter().filter(|&&up| up).count();
            if let Some(values) = given_base_rate(&probabilities[rows.clone()], n_rises) {
                shifted.extend(values);
                is_up.extend_from_slice(ups);
            }
            sessions.push(start..shifted.len());
        }
        let log_loss = sums(&sessions, |row| (surprise(shifted[row], is_up[row]), 1.0));
        self.add(Metric::LogLossGivenBaseRate, ties, log_loss);
        let bins = Bins::of_equal_count(&shifted, &ascending(&shifted), N_BINS);
        let error = bins.calibration_error(&shifted, &is_up, &sessions);
        self.add(Metric::CalibrationErrorGivenBaseRate, ties, error);
        if ties == Ties::Counted {
            self.reliability_given_base_rate = bins.table(&shifted, &is_up);
        }
    }
}
