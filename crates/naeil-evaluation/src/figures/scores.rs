//! From rows to the few sums a session that every figure is made of.

mod probability;

use std::ops::Range;

use naeil_domain::{Direction, Horizon, QUANTILE_LEVELS};

use super::forecast::{ForecastColumns, InvalidForecast};
use super::metric::{Metric, Ties};
use super::portfolio::portfolios;
use super::sample::Sample;
use crate::metrics::auc::auc_of_ranks;
use crate::metrics::beyond_factors::rank_ic_beyond_factors;
use crate::metrics::ic::{MIN_SESSION_ROWS, correlation};
use crate::metrics::ranks::average_ranks;
use crate::metrics::reliability::ReliabilityBin;
use crate::{Outcomes, Statistic};

/// What scoring needs beside outcomes and forecasts.
#[derive(Debug, Clone, Copy)]
pub struct ScoringSettings<'a> {
    /// How far ahead the outcomes lie: sessions that a portfolio is held.
    pub horizon: Horizon,
    /// Cost of buying or of selling, in basis points of what is traded.
    pub one_way_cost_bps: f64,
    /// Calendar quarter of each session of the outcomes, or nothing. Sessions of one quarter may
    /// stand apart.
    pub quarters: &'a [String],
}

/// One forecaster's scores at one horizon, session by session: what [`Bootstrap`](crate::Bootstrap)
/// draws from.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastScores {
    pub(super) n_rows: usize,
    pub(super) n_sessions: usize,
    pub(super) base_rate: f64,
    pub(super) share_unchanged: f64,
    statistics: Vec<(Metric, Ties, Statistic)>,
    pub(super) quarters: Vec<(String, Statistic)>,
    pub(super) deciles: Vec<Statistic>,
    pub(super) reliability: Vec<ReliabilityBin>,
    pub(super) reliability_given_base_rate: Vec<ReliabilityBin>,
}

impl ForecastScores {
    /// Scores one forecaster.
    ///
    /// # Errors
    /// [`InvalidForecast`] for a column that cannot be scored.
    pub fn of(
        outcomes: &Outcomes,
        forecast: &ForecastColumns,
        settings: &ScoringSettings,
    ) -> Result<Self, InvalidForecast> {
        forecast.check(outcomes)?;
        check_quarters(outcomes, settings.quarters)?;
        let mut scores = Self::empty(outcomes);
        for ties in Ties::ALL {
            let sample = Sample::new(outcomes, forecast, ties);
            scores.add_ordering(&sample, ties);
            scores.add_probability(&sample, ties);
            scores.add_direction(&sample, ties);
        }
        scores.add_quarters(settings.quarters);
        scores.add_beyond_factors(outcomes, forecast);
        scores.add_ranges(outcomes, forecast);
        let steps = settings.horizon.steps();
        let traded = portfolios(
            outcomes,
            forecast.relative,
            steps,
            settings.one_way_cost_bps,
        );
        scores.add(Metric::DecileSpread, Ties::Counted, traded.spread);
        scores.add(
            Metric::DecileSpreadAfterCosts,
            Ties::Counted,
            traded.spread_after_costs,
        );
        scores.add(Metric::Turnover, Ties::Counted, traded.turnover);
        scores.deciles = traded.deciles;
        Ok(scores)
    }

    /// What one figure is made of, if the forecaster has it.
    pub fn statistic(&self, metric: Metric, ties: Ties) -> Option<&Statistic> {
        self.statistics
            .iter()
            .find(|entry| (entry.0, entry.1) == (metric, ties))
            .map(|entry| &entry.2)
    }

    /// Share of rows that rose.
    pub fn base_rate(&self) -> f64 {
        self.base_rate
    }

    /// Share of rows whose close is unchanged.
    pub fn share_unchanged(&self) -> f64 {
        self.share_unchanged
    }

    /// Reliability of the probabilities; empty without them.
    pub fn reliability(&self) -> &[ReliabilityBin] {
        &self.reliability
    }

    fn empty(outcomes: &Outcomes) -> Self {
        let n = outcomes.len();
        let share = |count: usize| count as f64 / n.max(1) as f64;
        let unchanged = outcomes.forward_return().iter().filter(|&&r| r == 0.0);
        Self {
            n_rows: n,
            n_sessions: outcomes.sessions().len(),
            base_rate: share((0..n).filter(|&row| outcomes.is_up(row)).count()),
            share_unchanged: share(unchanged.count()),
            statistics: Vec::new(),
            quarters: Vec::new(),
            deciles: Vec::new(),
            reliability: Vec::new(),
            reliability_given_base_rate: Vec::new(),
        }
    }

    fn add(&mut self, metric: Metric, ties: Ties, statistic: Statistic) {
        self.statistics.push((metric, ties, statistic));
    }

    fn add_ordering(&mut self, sample: &Sample, ties: Ties) {
        let (mut rank_ics, mut ics, mut aucs) = (Vec::new(), Vec::new(), Vec::new());
        for rows in &sample.sessions {
            let (scores, returns) = (
                &sample.relative[rows.clone()],
                &sample.returns[rows.clone()],
            );
            let ranks = average_ranks(scores);
            let counts = rows.len() >= MIN_SESSION_ROWS;
            rank_ics.push(
                counts
                    .then(|| correlation(&ranks, &average_ranks(returns)))
                    .flatten(),
            );
            ics.push(counts.then(|| correlation(scores, returns)).flatten());
            aucs.push(auc_of_ranks(
                &ranks,
                sample.is_up[rows.clone()].iter().copied(),
            ));
        }
        self.add(Metric::RankIc, ties, Statistic::mean(rank_ics));
        self.add(Metric::Ic, ties, Statistic::mean(ics));
        self.add(Metric::AucWithinSessions, ties, Statistic::mean(aucs));
    }

    fn add_direction(&mut self, sample: &Sample, ties: Ties) {
        let Some(direction) = &sample.direction else {
            return;
        };
        let said = |row: usize| f64::from(u8::from(direction[row] != Direction::Neutral));
        if ties == Ties::Counted {
            let coverage = sums(&sample.sessions, |row| (said(row), 1.0));
            self.add(Metric::Coverage, ties, coverage);
        }
        let accuracy = sums(&sample.sessions, |row| {
            let is_right = match direction[row] {
                Direction::Up => sample.is_up[row],
                Direction::Down => !sample.is_up[row],
                Direction::Neutral => false,
            };
            (f64::from(u8::from(is_right)), said(row))
        });
        self.add(Metric::SelectiveAccuracy, ties, accuracy);
    }

    fn add_quarters(&mut self, quarters: &[String]) {
        let Some(rank_ic) = self.statistic(Metric::RankIc, Ties::Counted) else {
            return;
        };
        let mut by_quarter: Vec<(String, Vec<usize>)> = Vec::new();
        for (session, quarter) in quarters.iter().enumerate() {
            match by_quarter.iter_mut().find(|(label, _)| label == quarter) {
                Some((_, sessions)) => sessions.push(session),
                None => by_quarter.push((quarter.clone(), vec![session])),
            }
        }
        self.quarters = by_quarter
            .into_iter()
            .map(|(quarter, sessions)| (quarter, rank_ic.over(&sessions)))
            .collect();
    }

    fn add_beyond_factors(&mut self, outcomes: &Outcomes, forecast: &ForecastColumns) {
        if forecast.factors.is_empty() {
            return;
        }
        let beyond = outcomes.sessions().iter().map(|rows| {
            let factors: Vec<&[f64]> = forecast.factors.iter().map(|f| &f[rows.clone()]).collect();
            let returns = &outcomes.forward_return()[rows.clone()];
            rank_ic_beyond_factors(&forecast.relative[rows.clone()], returns, &factors)
        });
        self.add(
            Metric::RankIcBeyondFactors,
            Ties::Counted,
            Statistic::mean(beyond),
        );
    }

    fn add_ranges(&mut self, outcomes: &Outcomes, forecast: &ForecastColumns) {
        let (sessions, returns) = (outcomes.sessions(), outcomes.forward_return());
        if let Some(interval) = forecast.interval {
            let (lower, upper) = (interval.lower, interval.upper);
            let coverage = sums(sessions, |row| {
                let is_inside = (lower[row]..=upper[row]).contains(&returns[row]);
                (f64::from(u8::from(is_inside)), 1.0)
            });
            let width = sums(sessions, |row| (upper[row] - lower[row], 1.0));
            self.add(Metric::IntervalCoverage, Ties::Counted, coverage);
            self.add(Metric::IntervalWidth, Ties::Counted, width);
        }
        if let Some(quantiles) = forecast.quantiles {
            let loss = sums(sessions, |row| {
                (pinball_loss(&quantiles[row], returns[row]), 1.0)
            });
            self.add(Metric::PinballLoss, Ties::Counted, loss);
        }
    }
}

/// Mean over [`QUANTILE_LEVELS`] of max(level (y - q), (level - 1) (y - q)).
fn pinball_loss(quantiles: &[f64; QUANTILE_LEVELS.len()], outcome: f64) -> f64 {
    let total: f64 = (quantiles.iter().zip(QUANTILE_LEVELS))
        .map(|(quantile, level)| {
            let over = outcome - quantile;
            (level * over).max((level - 1.0) * over)
        })
        .sum();
    total / QUANTILE_LEVELS.len() as f64
}

/// A ratio of sums over rows: numerator and denominator of each.
fn sums(sessions: &[Range<usize>], of: impl Fn(usize) -> (f64, f64)) -> Statistic {
    Statistic::ratio(sessions.iter().map(|rows| {
        rows.clone()
            .map(&of)
            .fold((0.0, 0.0), |sum, row| (sum.0 + row.0, sum.1 + row.1))
    }))
}

fn check_quarters(outcomes: &Outcomes, quarters: &[String]) -> Result<(), InvalidForecast> {
    let n_sessions = outcomes.sessions().len();
    if quarters.is_empty() || quarters.len() == n_sessions {
        return Ok(());
    }
    Err(InvalidForecast::Quarters {
        n_labels: quarters.len(),
        n_sessions,
    })
}
