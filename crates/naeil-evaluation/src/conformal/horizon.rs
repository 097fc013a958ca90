//! The intervals of one horizon as time goes.

use std::collections::VecDeque;

use naeil_domain::{
    Horizon, HorizonCalibration, HorizonForecast, IntervalCalibration, QUANTILE_LEVELS,
};

use super::tail::Tail;
use crate::Outcomes;

/// How intervals are calibrated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConformalConfig {
    /// Share of outcomes that the interval is to hold, above 0 and below 1.
    pub level: f64,
    /// Sessions whose rows give the scales.
    pub window: usize,
    /// How far the aim of a tail moves for a session that missed by a whole; 0 for plain
    /// split-conformal over a rolling window. Its reciprocal is the time, in sessions, that it
    /// takes to correct a wrong share.
    pub rate: f64,
    /// Sessions with known outcomes below which scales stay 1: the network's own interval.
    pub min_sessions: usize,
}

impl Default for ConformalConfig {
    fn default() -> Self {
        Self {
            level: 0.90,
            window: 250,
            rate: 0.01,
            min_sessions: 20,
        }
    }
}

/// The quantiles of a row, at [`QUANTILE_LEVELS`].
pub(crate) type Quantiles = [f64; QUANTILE_LEVELS.len()];

/// Calibrates the intervals of one horizon: sessions in, in the order of time; at any session the
/// scales that could have been known then.
#[derive(Debug, Clone)]
pub struct IntervalCalibrator {
    config: ConformalConfig,
    steps: u32,
    now: u32,
    pending: VecDeque<Pending>,
    n_known: usize,
    lower: Tail,
    upper: Tail,
}

#[derive(Debug, Clone)]
struct Pending {
    session_idx: u32,
    /// The scales given as of the session.
    given: IntervalCalibration,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl IntervalCalibrator {
    /// A calibrator that knows nothing yet.
    pub fn new(horizon: Horizon, config: ConformalConfig) -> Self {
        let target = (1.0 - config.level) / 2.0;
        Self {
            config,
            steps: u32::try_from(horizon.steps()).unwrap_or(u32::MAX),
            now: 0,
            pending: VecDeque::new(),
            n_known: 0,
            lower: Tail::new(target, config.window),
            upper: Tail::new(target, config.window),
        }
    }

    /// Adds the rows of a session, whose outcomes may lie in the future: they are used once they
    /// are known.
    ///
    /// # Shapes
    /// `quantiles` and `forward_return` (simple returns): one entry a row.
    ///
    /// # Panics
    /// If sessions do not ascend or the slices differ in length.
    pub fn push(&mut self, session_idx: u32, quantiles: &[Quantiles], forward_return: &[f64]) {
        assert_eq!(
            quantiles.len(),
            forward_return.len(),
            "quantiles for each row"
        );
        let given = self.at(session_idx);
        if quantiles.is_empty() {
            return;
        }
        let newest = self.pending.back().map(|pending| pending.session_idx);
        assert!(
            newest.is_none_or(|newest| newest < session_idx),
            "sessions ascend"
        );
        let scores = |of: fn(&Quantiles, f64) -> f64| -> Vec<f64> {
            let rows = quantiles.iter().zip(forward_return);
            rows.map(|(quantiles, &outcome)| of(quantiles, outcome))
                .collect()
        };
        self.pending.push_back(Pending {
            session_idx,
            given,
            lower: scores(|&[lowest, _, median, ..], outcome| {
                conformity(median - outcome, median - lowest)
            }),
            upper: scores(|&[_, _, median, _, highest], outcome| {
                conformity(outcome - median, highest - median)
            }),
        });
    }

    /// The scales as of the close of a session, of the outcomes known by then.
    ///
    /// # Panics
    /// If time goes backwards.
    pub fn at(&mut self, session_idx: u32) -> IntervalCalibration {
        assert!(session_idx >= self.now, "time goes forwards");
        self.now = session_idx;
        let steps = self.steps;
        let is_known = |pending: &Pending| pending.session_idx + steps <= session_idx;
        while self.pending.front().is_some_and(is_known) {
            if let Some(known) = self.pending.pop_front() {
                let rate = self.config.rate;
                self.lower
                    .learn(&known.lower, known.given.lower_scale, rate);
                self.upper
                    .learn(&known.upper, known.given.upper_scale, rate);
                self.n_known += 1;
            }
        }
        let scale = |tail: &Tail| match tail.scale() {
            Some(scale) if self.n_known >= self.config.min_sessions => scale,
            _ => 1.0,
        };
        IntervalCalibration {
            level: self.config.level,
            lower_scale: scale(&self.lower),
            upper_scale: scale(&self.upper),
        }
    }

    /// Sessions whose outcomes are known and used.
    pub fn n_sessions(&self) -> usize {
        self.n_known
    }
}

/// The distance of an outcome from the median, in widths of the tail.
fn conformity(distance: f64, width: f64) -> f64 {
    if distance <= 0.0 {
        return 0.0;
    }
    // A tail of no width is missed by whatever lies beyond it.
    if width <= 0.0 {
        return f64::INFINITY;
    }
    distance / width
}

/// The interval of every row as `[lower, upper]`, with the scales known at the row's own session.
///
/// # Shapes
/// `quantiles`: one entry a row of `outcomes`; so is the result, in simple returns.
///
/// # Panics
/// If the two differ in length.
pub fn intervals_as_time_goes(
    outcomes: &Outcomes,
    quantiles: &[Quantiles],
    horizon: Horizon,
    config: ConformalConfig,
) -> Vec<[f64; 2]> {
    assert_eq!(outcomes.len(), quantiles.len(), "quantiles for each row");
    let mut calibrator = IntervalCalibrator::new(horizon, config);
    let mut intervals = Vec::with_capacity(outcomes.len());
    for rows in outcomes.sessions() {
        let session_idx = outcomes.session_idx()[rows.start];
        let scales = calibrator.at(session_idx);
        let quantiles = &quantiles[rows.clone()];
        let part = HorizonCalibration {
            interval: Some(scales),
            ..HorizonCalibration::IDENTITY
        };
        intervals.extend(quantiles.iter().map(|&quantiles| {
            let forecast = HorizonForecast {
                quantiles: Some(quantiles),
                ..HorizonForecast::of_direction(0.0)
            };
            let interval = part.return_interval(&forecast);
            interval.map_or([f64::NAN; 2], |interval| [interval.lower, interval.upper])
        }));
        calibrator.push(
            session_idx,
            quantiles,
            &outcomes.forward_return()[rows.clone()],
        );
    }
    intervals
}
