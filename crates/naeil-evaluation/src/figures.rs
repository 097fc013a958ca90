//! Every figure of one forecaster at one horizon, each with its interval.
//!
//! [`ForecastScores::of`] sorts once and leaves a few sums a session ([`Statistic`]);
//! [`HorizonFigures`] and [`differences`] draw intervals from those alone.

mod forecast;
mod metric;
mod portfolio;
mod sample;
mod scores;

pub use forecast::{ForecastColumns, IntervalColumns, InvalidForecast};
pub use metric::{Metric, Ties};
pub use scores::{ForecastScores, ScoringSettings};

use crate::metrics::reliability::ReliabilityBin;
use crate::{Bootstrap, Figure, Outcomes, Statistic};

/// One figure by its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricFigure {
    /// Which figure.
    pub metric: Metric,
    /// Whether rows with an unchanged close are counted in it.
    pub ties: Ties,
    /// The figure.
    pub figure: Figure,
}

/// The rank IC of one calendar quarter.
#[derive(Debug, Clone, PartialEq)]
pub struct QuarterFigure {
    /// The caller's label.
    pub quarter: String,
    /// Mean over the quarter's sessions. A quarter is few blocks long: the interval is wide.
    pub rank_ic: Figure,
}

/// The figures of one forecaster, or of the mean over several seeds of it, at one horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct HorizonFigures {
    /// Rows scored.
    pub n_rows: usize,
    /// Sessions that have any.
    pub n_sessions: usize,
    /// Share of rows that rose.
    pub base_rate: f64,
    /// Share of rows whose close is unchanged.
    pub share_unchanged: f64,
    /// Seeds that the figures are the mean of.
    pub n_seeds: usize,
    /// Every figure that is defined, in the order of [`Metric::ALL`], ties counted before left out.
    pub figures: Vec<MetricFigure>,
    /// Rank IC by calendar quarter, in the order of the sessions.
    pub quarters: Vec<QuarterFigure>,
    /// Mean forward return of each decile of the score, ascending; empty where undefined.
    pub deciles: Vec<Figure>,
    /// Reliability of the probabilities (of the first seed); empty without them.
    pub reliability: Vec<ReliabilityBin>,
    /// The same given each session's own base rate.
    pub reliability_given_base_rate: Vec<ReliabilityBin>,
}

impl HorizonFigures {
    /// Scores one forecaster and draws every interval.
    ///
    /// # Errors
    /// [`InvalidForecast`] for a column that cannot be scored.
    pub fn of(
        outcomes: &Outcomes,
        forecast: &ForecastColumns,
        settings: &ScoringSettings,
        bootstrap: &Bootstrap,
    ) -> Result<Self, InvalidForecast> {
        let scores = ForecastScores::of(outcomes, forecast, settings)?;
        Ok(Self::over_seeds(&[&scores], bootstrap))
    }

    /// The mean over several seeds, scored on the same outcomes: each figure is the mean of the
    /// seeds' figures, not that of their averaged scores.
    ///
    /// # Panics
    /// Without a seed, or if seeds were scored on different sessions.
    pub fn over_seeds(seeds: &[&ForecastScores], bootstrap: &Bootstrap) -> Self {
        let first = seeds[0];
        let of_all = |pick: &dyn Fn(&ForecastScores) -> Option<&Statistic>| {
            let statistics: Option<Vec<&Statistic>> = seeds.iter().map(|seed| pick(seed)).collect();
            bootstrap.mean_over_seeds(&statistics?)
        };
        let quarters = (first.quarters.iter().enumerate())
            .filter_map(|(at, (quarter, _))| {
                Some(QuarterFigure {
                    quarter: quarter.clone(),
                    rank_ic: of_all(&|seed| seed.quarters.get(at).map(|(_, rank_ic)| rank_ic))?,
                })
            })
            .collect();
        let deciles = (0..first.deciles.len())
            .map_while(|at| of_all(&|seed| seed.deciles.get(at)))
            .collect();
        Self {
            n_rows: first.n_rows,
            n_sessions: first.n_sessions,
            base_rate: first.base_rate,
            share_unchanged: first.share_unchanged,
            n_seeds: seeds.len(),
            figures: differences(seeds, &[], bootstrap),
            quarters,
            deciles,
            reliability: first.reliability.clone(),
            reliability_given_base_rate: first.reliability_given_base_rate.clone(),
        }
    }

    /// One figure, if it is defined.
    pub fn get(&self, metric: Metric, ties: Ties) -> Option<&Figure> {
        self.figures
            .iter()
            .find(|entry| (entry.metric, entry.ties) == (metric, ties))
            .map(|entry| &entry.figure)
    }

    /// The quarter with the lowest rank IC. Its interval is that of this quarter's sessions, not of
    /// a minimum over quarters.
    pub fn worst_quarter(&self) -> Option<&QuarterFigure> {
        self.quarters
            .iter()
            .min_by(|a, b| a.rank_ic.value.total_cmp(&b.rank_ic.value))
    }
}

/// Every figure's mean over the seeds of `a` minus that over the seeds of `b`, on the same draws: two
/// forecasters compared session by session. A figure that one side lacks is left out.
///
/// # Panics
/// If they were scored on different sessions.
pub fn differences(
    a: &[&ForecastScores],
    b: &[&ForecastScores],
    bootstrap: &Bootstrap,
) -> Vec<MetricFigure> {
    let mut figures = Vec::new();
    for metric in Metric::ALL {
        for ties in Ties::ALL {
            let (Some(a), Some(b)) = (statistics(a, metric, ties), statistics(b, metric, ties))
            else {
                continue;
            };
            if let Some(figure) = bootstrap.paired_difference_over_seeds(&a, &b) {
                figures.push(MetricFigure {
                    metric,
                    ties,
                    figure,
                });
            }
        }
    }
    figures
}

fn statistics<'a>(
    seeds: &[&'a ForecastScores],
    metric: Metric,
    ties: Ties,
) -> Option<Vec<&'a Statistic>> {
    seeds
        .iter()
        .map(|seed| seed.statistic(metric, ties))
        .collect()
}

#[cfg(test)]
mod tests;
