//! What trained forecasters say of the judged rows of one horizon.

use naeil_domain::{Direction, Horizon, QUANTILE_LEVELS};
use naeil_evaluation::calibration::{CalibrationConfig, calibrate_as_time_goes};
use naeil_evaluation::conformal::{ConformalConfig, intervals_as_time_goes};
use naeil_evaluation::{IntervalColumns, Outcomes, fit_thresholds};

use super::FoldScores;
use crate::rows::Market;
use crate::task::FoldTasks;

/// Greatest share of directional answers of the fitted decision policy.
const DIRECTIONAL_SHARE: f64 = 0.40;
/// Sessions that thresholds are chosen on.
const POLICY_SESSIONS: usize = 250;
/// Sessions between two choices.
const POLICY_EVERY: usize = 20;

/// The rows of one horizon: those before the first test session, which only calibration sees, and
/// the judged ones after them.
pub(super) struct JudgedRows {
    /// Both, in the order of time.
    all: Outcomes,
    /// The judged ones.
    pub(super) test: Outcomes,
    /// Of `all`: fold, and row in the fold's table.
    places: Vec<(usize, usize)>,
    /// Rows of `all` before the judged ones.
    n_before: usize,
}

impl JudgedRows {
    pub(super) fn collect(market: &Market, folds: &[FoldTasks], horizon: Horizon) -> Self {
        let mut rows = Self {
            all: Outcomes::default(),
            test: Outcomes::default(),
            places: Vec::new(),
            n_before: 0,
        };
        for (fold_idx, tasks) in folds.iter().enumerate() {
            let test = tasks.rows.of_sessions(&tasks.fold.fold.test);
            if fold_idx == 0 {
                // Later folds begin where the judged rows of earlier ones end.
                let before = 0..test.start;
                let labels = &market.labels;
                let known = tasks.rows.outcomes(labels, horizon, before, &mut rows.all);
                rows.n_before = known.len();
                rows.places.extend(known.into_iter().map(|row| (0, row)));
            }
            let labels = &market.labels;
            let known = tasks
                .rows
                .outcomes(labels, horizon, test.clone(), &mut rows.all);
            tasks.rows.outcomes(labels, horizon, test, &mut rows.test);
            let places = known.into_iter().map(|row| (fold_idx, row));
            rows.places.extend(places);
        }
        rows
    }

    /// (session, stock) of each judged row.
    pub(super) fn test_places(&self) -> impl Iterator<Item = (usize, usize)> {
        let (sessions, stocks) = (self.test.session_idx(), self.test.stock_idx());
        (sessions.iter().zip(stocks)).map(|(&session, &stock)| (session as usize, stock as usize))
    }
}

/// What one trained forecaster says of the judged rows.
pub(super) struct TrainedForecast {
    pub(super) relative: Vec<f64>,
    pub(super) probability_up: Vec<f64>,
    pub(super) direction: Vec<Direction>,
    pub(super) interval: Option<(Vec<f64>, Vec<f64>)>,
    pub(super) quantiles: Option<Vec<[f64; QUANTILE_LEVELS.len()]>>,
}

impl TrainedForecast {
    /// Calibrates a forecaster's scores as time goes: probabilities, directions and intervals of a
    /// session rest on outcomes that were known at its close.
    pub(super) fn of(rows: &JudgedRows, scores: &FoldScores, horizon: Horizon) -> Self {
        let n_before = rows.n_before;
        let each = |value: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            (rows.places.iter())
                .map(|&(fold_idx, row)| value(fold_idx, row))
                .collect()
        };
        let relative = each(&|fold_idx, row| scores[fold_idx].relative(row, horizon));
        let direction = each(&|fold_idx, row| scores[fold_idx].direction(row, horizon));
        let config = CalibrationConfig::default();
        let probabilities = calibrate_as_time_goes(&rows.all, &direction, horizon, &config);
        let directions = decide_as_time_goes(&rows.all, &probabilities, horizon);
        let quantiles: Option<Vec<_>> = (rows.places.iter())
            .map(|&(fold_idx, row)| scores[fold_idx].quantiles(row, horizon))
            .collect();
        let interval = quantiles.as_ref().map(|quantiles| {
            let config = ConformalConfig::default();
            let intervals = intervals_as_time_goes(&rows.all, quantiles, horizon, config);
            intervals[n_before..].iter().map(|i| (i[0], i[1])).unzip()
        });
        Self {
            relative: relative[n_before..].to_vec(),
            probability_up: probabilities[n_before..].to_vec(),
            direction: directions[n_before..].to_vec(),
            interval,
            quantiles: quantiles.map(|quantiles| quantiles[n_before..].to_vec()),
        }
    }

    pub(super) fn interval(&self) -> Option<IntervalColumns<'_>> {
        let (lower, upper) = self.interval.as_ref()?;
        Some(IntervalColumns { lower, upper })
    }
}

/// The fitted policy, chosen anew every 20 sessions on the probabilities of the last 250: those are
/// known at once, so that no outcome is waited for. Neutral until there are 20.
fn decide_as_time_goes(
    outcomes: &Outcomes,
    probabilities: &[f64],
    horizon: Horizon,
) -> Vec<Direction> {
    let sessions = outcomes.sessions();
    let mut directions = vec![Direction::Neutral; probabilities.len()];
    let mut policy = None;
    for (nth, rows) in sessions.iter().enumerate() {
        if nth >= POLICY_EVERY && nth % POLICY_EVERY == 0 {
            let from = sessions[nth.saturating_sub(POLICY_SESSIONS)].start;
            let thresholds = fit_thresholds(&probabilities[from..rows.start], DIRECTIONAL_SHARE);
            policy = naeil_domain::DecisionPolicy::new([thresholds; Horizon::COUNT]).ok();
        }
        if let Some(policy) = &policy {
            for row in rows.clone() {
                directions[row] = policy.decide(horizon, probabilities[row]).0;
            }
        }
    }
    directions
}
