//! One horizon: every forecaster on the same rows.

use naeil_baselines::{Factor, SIMPLE_FACTORS};
use naeil_domain::Horizon;
use naeil_evaluation::{
    Bootstrap, ForecastColumns, ForecastScores, HorizonFigures, Metric, MetricFigure,
    ScoringSettings, Ties, differences,
};
use rayon::prelude::*;

use super::forecasts::{JudgedRows, TrainedForecast};
use super::rates::{self, RateForecast};
use super::{NETWORK, NETWORK_MEAN, ONE_FIT, REFITTED, Trainings};
use crate::config::EvaluationConfig;
use crate::error::BacktestError;
use crate::plan::quarter;
use crate::report::{
    Difference, HorizonReport, ModelKind, ModelReport, NamedFigure, QuarterFigure, QuarterRow,
    ReliabilityRow, SpreadPoint,
};
use crate::rows::Market;
use crate::task::FoldTasks;

/// Metrics of which differences are reported.
const COMPARED: [Metric; 6] = [
    Metric::RankIc,
    Metric::RankIcBeyondFactors,
    Metric::AucWithinSessions,
    Metric::LogLoss,
    Metric::LogLossGivenBaseRate,
    Metric::DecileSpreadAfterCosts,
];

/// Metrics of the order of stocks within a session.
const ORDERING: [Metric; 5] = [
    Metric::AucWithinSessions,
    Metric::DirectionAucWithinSessions,
    Metric::DecileSpread,
    Metric::DecileSpreadAfterCosts,
    Metric::Turnover,
];

/// A forecaster that is to be scored.
struct Entry<'a> {
    name: String,
    kind: ModelKind,
    forecast: ForecastColumns<'a>,
}

/// A forecaster that has been.
struct Scored {
    name: String,
    kind: ModelKind,
    scores: ForecastScores,
}

pub(super) fn judge(
    market: &Market,
    config: &EvaluationConfig,
    folds: &[FoldTasks],
    trainings: &Trainings,
    horizon: Horizon,
) -> Result<HorizonReport, BacktestError> {
    let rows = JudgedRows::collect(market, folds, horizon);
    let quarters: Vec<String> = (rows.test.sessions().iter())
        .map(|of| quarter(market.sessions()[rows.test.session_idx()[of.start] as usize]))
        .collect();
    let factors: Vec<(Factor, Vec<f64>)> = SIMPLE_FACTORS
        .into_iter()
        .filter_map(|factor| Some((factor, factor_scores(market, &rows, factor)?)))
        .collect();
    let factor_columns: Vec<&[f64]> = factors.iter().map(|(_, scores)| &scores[..]).collect();
    let rate_forecasts = rates::forecasts(market, folds, &rows.test, horizon);
    let trained = trained_forecasts(&rows, trainings, horizon);
    let settings = ScoringSettings {
        horizon,
        one_way_cost_bps: config.one_way_cost_bps,
        quarters: &quarters,
    };
    let entries = entries(&trained, &rate_forecasts, &factors, &factor_columns);
    let scored: Vec<Scored> = entries
        .par_iter()
        .map(|entry| {
            let scores = ForecastScores::of(&rows.test, &entry.forecast, &settings)?;
            Ok(Scored {
                name: entry.name.clone(),
                kind: entry.kind,
                scores,
            })
        })
        .collect::<Result<_, naeil_evaluation::InvalidForecast>>()
        .map_err(|error| BacktestError::Forecast {
            task: format!("judging {horizon}"),
            problem: error.to_string(),
        })?;
    let bootstrap = Bootstrap {
        n_draws: config.n_draws,
        ..Bootstrap::of_horizon(horizon)
    };
    Ok(assemble(
        market, config, &rows, &quarters, &trained, &scored, &bootstrap, horizon,
    ))
}

/// Every trained forecaster, calibrated.
fn trained_forecasts(
    rows: &JudgedRows,
    trainings: &Trainings,
    horizon: Horizon,
) -> Vec<(String, ModelKind, TrainedForecast)> {
    let mut named: Vec<(String, ModelKind, &super::FoldScores)> = Vec::new();
    if let Some(average) = &trainings.average {
        named.push((NETWORK.to_owned(), ModelKind::Network, average));
    }
    for (seed, scores) in &trainings.seeds {
        let name = format!("network, seed {seed}");
        named.push((name, ModelKind::NetworkSeed, scores));
    }
    if let (Some(refitted), Some((_, first))) = (&trainings.refitted, trainings.seeds.first()) {
        named.push((ONE_FIT.to_owned(), ModelKind::Refit, first));
        named.push((REFITTED.to_owned(), ModelKind::Refit, refitted));
    }
    for (name, scores) in &trainings.baselines {
        named.push(((*name).to_owned(), ModelKind::Baseline, scores));
    }
    named
        .into_par_iter()
        .map(|(name, kind, scores)| (name, kind, TrainedForecast::of(rows, scores, horizon)))
        .collect()
}

fn entries<'a>(
    trained: &'a [(String, ModelKind, TrainedForecast)],
    rates: &'a [RateForecast],
    factors: &'a [(Factor, Vec<f64>)],
    factor_columns: &'a [&'a [f64]],
) -> Vec<Entry<'a>> {
    let trained = trained.iter().map(|(name, kind, forecast)| Entry {
        name: name.clone(),
        kind: *kind,
        forecast: ForecastColumns {
            relative: &forecast.relative,
            probability_up: Some(&forecast.probability_up),
            direction: Some(&forecast.direction),
            interval: forecast.interval(),
            quantiles: forecast.quantiles.as_deref(),
            factors: factor_columns,
        },
    });
    let rates = rates.iter().map(|rate| Entry {
        name: rate.name.to_owned(),
        kind: ModelKind::BaseRate,
        forecast: ForecastColumns {
            relative: &rate.relative,
            probability_up: Some(&rate.probability_up),
            ..ForecastColumns::default()
        },
    });
    let factors = factors.iter().map(|(factor, scores)| Entry {
        name: factor.name.to_owned(),
        kind: ModelKind::Factor,
        forecast: ForecastColumns {
            relative: scores,
            ..ForecastColumns::default()
        },
    });
    trained.chain(rates).chain(factors).collect()
}

/// A factor's score of every judged row: the column's rank where the spec has it, because a scaled
/// raw column ties at its bounds; nothing if the spec has neither.
fn factor_scores(market: &Market, rows: &JudgedRows, factor: Factor) -> Option<Vec<f64>> {
    let names = market.panel.spec().names();
    let at = |wanted: &str| names.iter().position(|name| name == wanted);
    let column = at(&format!("{}_rank", factor.column)).or_else(|| at(factor.column))?;
    let score = |(session_idx, stock_idx): (usize, usize)| {
        let value = market
            .panel
            .row(session_idx, stock_idx)
            .map_or(0.0, |row| row[column]);
        if value.is_finite() {
            factor.sign * f64::from(value)
        } else {
            0.0
        }
    };
    Some(rows.test_places().map(score).collect())
}

#[expect(
    clippy::too_many_arguments,
    reason = "one step of one function, read once"
)]
fn assemble(
    market: &Market,
    config: &EvaluationConfig,
    rows: &JudgedRows,
    quarters: &[String],
    trained: &[(String, ModelKind, TrainedForecast)],
    scored: &[Scored],
    bootstrap: &Bootstrap,
    horizon: Horizon,
) -> HorizonReport {
    let mut models: Vec<ModelReport> = scored
        .par_iter()
        .map(|entry| model_report(&entry.name, entry.kind, &[&entry.scores], bootstrap))
        .collect();
    let seeds: Vec<&ForecastScores> = of_kind(scored, ModelKind::NetworkSeed);
    if !seeds.is_empty() {
        let mean = model_report(NETWORK_MEAN, ModelKind::NetworkMean, &seeds, bootstrap);
        models.insert(1, mean);
    }
    let best = |kind: ModelKind, metric: Metric, lowest: bool| {
        let value = |model: &ModelReport| model.figure(metric).map(|figure| figure.value);
        models
            .iter()
            .filter(|model| model.kind == kind)
            .filter(|model| kind != ModelKind::BaseRate || rates::is_trailing(&model.name))
            .filter_map(|model| Some((model.name.clone(), value(model)?)))
            .max_by(|a, b| {
                let order = a.1.total_cmp(&b.1);
                if lowest { order.reverse() } else { order }
            })
            .map(|(name, _)| name)
    };
    let best_factor = best(ModelKind::Factor, Metric::RankIc, false);
    let best_rate = best(ModelKind::BaseRate, Metric::LogLoss, true);
    let differences = all_differences(
        scored,
        &seeds,
        best_factor.as_deref(),
        best_rate.as_deref(),
        bootstrap,
    );
    let network = scored.iter().find(|entry| entry.kind == ModelKind::Network);
    let forecast = trained
        .iter()
        .find(|(_, kind, _)| *kind == ModelKind::Network)
        .map(|(_, _, forecast)| forecast);
    let facts = scored.first().map(|entry| {
        let figures = HorizonFigures::over_seeds(
            &[&entry.scores],
            &Bootstrap {
                n_draws: 1,
                ..*bootstrap
            },
        );
        let reliability = figures.reliability.iter().map(|bin| ReliabilityRow {
            n_rows: bin.n_rows,
            said: bin.mean_probability,
            happened: bin.share_up,
            low: bin.low,
            high: bin.high,
        });
        (
            figures.base_rate,
            figures.share_unchanged,
            reliability.collect(),
        )
    });
    let (base_rate, tie_share, reliability) = facts.unwrap_or_default();
    HorizonReport {
        horizon: horizon.to_string(),
        n_rows: rows.test.len(),
        n_sessions: rows.test.sessions().len(),
        base_rate,
        tie_share,
        models,
        differences,
        best_factor,
        reliability: if network.is_some() {
            reliability
        } else {
            Vec::new()
        },
        cumulated: network
            .map(|entry| cumulated(market, config, rows, &entry.scores, horizon))
            .unwrap_or_default(),
        quarters: forecast
            .map(|forecast| quarter_rows(rows, quarters, forecast))
            .unwrap_or_default(),
    }
}

fn of_kind(scored: &[Scored], kind: ModelKind) -> Vec<&ForecastScores> {
    let of_kind = scored.iter().filter(|entry| entry.kind == kind);
    of_kind.map(|entry| &entry.scores).collect()
}

fn model_report(
    name: &str,
    kind: ModelKind,
    seeds: &[&ForecastScores],
    bootstrap: &Bootstrap,
) -> ModelReport {
    let figures = HorizonFigures::over_seeds(seeds, bootstrap);
    let of_quarter = |entry: &naeil_evaluation::QuarterFigure| QuarterFigure {
        quarter: entry.quarter.clone(),
        rank_ic: entry.rank_ic.value,
    };
    // One score for all orders nothing: its portfolios would be those of the codes' order.
    let orders = figures.get(Metric::RankIc, Ties::Counted).is_some();
    let means_something = |entry: &&MetricFigure| orders || !ORDERING.contains(&entry.metric);
    ModelReport {
        name: name.to_owned(),
        kind,
        figures: (figures.figures.iter())
            .filter(means_something)
            .map(named)
            .collect(),
        quarters: figures.quarters.iter().map(of_quarter).collect(),
        worst_quarter: figures.worst_quarter().map(of_quarter),
    }
}

fn named(entry: &MetricFigure) -> NamedFigure {
    NamedFigure {
        metric: entry.metric.as_str().to_owned(),
        ties: entry.ties.as_str().to_owned(),
        figure: entry.figure.into(),
    }
}

/// The paired differences that the tables show.
fn all_differences(
    scored: &[Scored],
    seeds: &[&ForecastScores],
    best_factor: Option<&str>,
    best_rate: Option<&str>,
    bootstrap: &Bootstrap,
) -> Vec<Difference> {
    let find = |name: &str| {
        let entry = scored.iter().find(|entry| entry.name == name);
        entry.map(|entry| &entry.scores)
    };
    let mut found = Vec::new();
    let mut compare = |of: &str, a: &[&ForecastScores], minus: &str| {
        let Some(b) = find(minus).filter(|_| !a.is_empty()) else {
            return;
        };
        // What says the same of every stock of a session orders nothing to compare.
        let orders = (b.statistic(Metric::RankIc, Ties::Counted))
            .is_some_and(|rank_ic| rank_ic.value().is_some());
        let figures = differences(a, &[b], bootstrap);
        let reported = figures.iter().filter(|entry| {
            entry.ties == Ties::Counted
                && COMPARED.contains(&entry.metric)
                && (orders || !ORDERING.contains(&entry.metric))
        });
        found.extend(reported.map(|entry| Difference {
            of: of.to_owned(),
            minus: minus.to_owned(),
            metric: entry.metric.as_str().to_owned(),
            figure: entry.figure.into(),
        }));
    };
    let average: Vec<&ForecastScores> = find(NETWORK).into_iter().collect();
    let rivals = [
        Some(super::BOOSTING),
        Some(super::LINEAR),
        best_factor,
        best_rate,
    ];
    for rival in rivals.into_iter().flatten() {
        compare(NETWORK, &average, rival);
        compare(NETWORK_MEAN, seeds, rival);
    }
    let refitted: Vec<&ForecastScores> = find(REFITTED).into_iter().collect();
    compare(REFITTED, &refitted, ONE_FIT);
    found
}

/// The decile spread of the sessions that begin a holding period, summed up: portfolios that do not
/// overlap, each held for the horizon.
fn cumulated(
    market: &Market,
    config: &EvaluationConfig,
    rows: &JudgedRows,
    scores: &ForecastScores,
    horizon: Horizon,
) -> Vec<SpreadPoint> {
    let statistic = |metric| scores.statistic(metric, Ties::Counted);
    let (Some(spread), Some(turnover)) =
        (statistic(Metric::DecileSpread), statistic(Metric::Turnover))
    else {
        return Vec::new();
    };
    let cost = config.one_way_cost_bps * 1e-4;
    let (mut before, mut after) = (0.0, 0.0);
    let mut next = None;
    let mut points = Vec::new();
    for (nth, of) in rows.test.sessions().iter().enumerate() {
        let session_idx = rows.test.session_idx()[of.start] as usize;
        if next.is_some_and(|next| session_idx < next) {
            continue;
        }
        let Some(gain) = spread.value_in(nth) else {
            continue;
        };
        next = Some(session_idx + horizon.steps());
        before += gain;
        // The first portfolio is bought whole: as if everything were replaced on one side.
        let replaced = turnover.value_in(nth).unwrap_or(0.5);
        after += gain - 4.0 * cost * replaced;
        points.push(SpreadPoint {
            session: market.sessions()[session_idx].to_string(),
            before_costs: before,
            after_costs: after,
        });
    }
    points
}

/// What was said and what happened, quarter by quarter.
fn quarter_rows(
    rows: &JudgedRows,
    quarters: &[String],
    forecast: &TrainedForecast,
) -> Vec<QuarterRow> {
    let returns = rows.test.forward_return();
    let mut found: Vec<QuarterRow> = Vec::new();
    let mut inside: Vec<usize> = Vec::new();
    for (of, quarter) in rows.test.sessions().iter().zip(quarters) {
        if found.last().is_none_or(|last| last.quarter != *quarter) {
            found.push(QuarterRow {
                quarter: quarter.clone(),
                n_rows: 0,
                said: 0.0,
                happened: 0.0,
                interval_coverage: None,
            });
            inside.push(0);
        }
        let (Some(last), Some(inside)) = (found.last_mut(), inside.last_mut()) else {
            continue;
        };
        for row in of.clone() {
            last.n_rows += 1;
            last.said += forecast.probability_up[row];
            last.happened += f64::from(u8::from(rows.test.is_up(row)));
            if let Some((lower, upper)) = &forecast.interval {
                *inside += usize::from((lower[row]..=upper[row]).contains(&returns[row]));
            }
        }
    }
    for (row, inside) in found.iter_mut().zip(inside) {
        let n = row.n_rows as f64;
        row.said /= n;
        row.happened /= n;
        row.interval_coverage = forecast.interval.is_some().then(|| inside as f64 / n);
    }
    found
}
