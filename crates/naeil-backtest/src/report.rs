//! What an evaluation says: plain data, the same in JSON, in the page and in the terminal.
//!
//! # The JSON
//! `schema_version` is raised whenever a field changes its meaning or goes; new fields may come
//! without. Every figure is an object `{value, low, high, standard_error, n_sessions}` with a 95 %
//! interval from a bootstrap over blocks of sessions, and is missing where it is undefined; shares,
//! correlations and returns are fractions, never per cent. Names of metrics are those of
//! [`naeil_evaluation::Metric::as_str`].

use naeil_domain::Horizon;
use naeil_evaluation::{Figure, Metric, Ties};
use serde::{Deserialize, Serialize};

use crate::leakage::LeakageFinding;

/// The version of the JSON.
pub const SCHEMA_VERSION: u32 = 1;

/// A whole evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// When it was judged, RFC 3339.
    pub made_at: String,
    /// The version of the code.
    pub code_version: String,
    /// What it was judged on.
    pub data: DataFacts,
    /// The settings, as they were resolved.
    pub settings: serde_json::Value,
    /// Names the settings that decide a training.
    pub settings_digest: String,
    /// Seeds of the network.
    pub seeds: Vec<u64>,
    /// The folds, oldest first.
    pub folds: Vec<FoldFacts>,
    /// One entry a horizon.
    pub horizons: Vec<HorizonReport>,
    /// Learning curves of the network, one a task.
    pub curves: Vec<LearningCurve>,
    /// Leakage checks.
    pub leakage: Vec<LeakageFinding>,
    /// What a reader has to know about the figures, for instance what was left out.
    pub notes: Vec<String>,
    /// How long each task took; the only part, with `made_at`, that differs between two runs on the
    /// same data.
    pub timings: Vec<TaskTiming>,
}

/// What an evaluation was judged on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataFacts {
    /// Names the bars.
    pub digest: String,
    /// Whose sessions they are.
    pub exchange: String,
    /// `recorded`, `simulated` or `mixed`.
    pub origin: String,
    /// Names the feature spec.
    pub spec_hash: String,
    /// Stocks of the market.
    pub n_stocks: usize,
    /// Stocks that are learned from and judged.
    pub n_universe: usize,
    /// Sessions.
    pub n_sessions: usize,
    /// First session.
    pub first_session: String,
    /// Last session.
    pub last_session: String,
}

/// One fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldFacts {
    /// Its name.
    pub name: String,
    /// Sessions trained on.
    pub train: Window,
    /// Sessions that settings and calibration begin with.
    pub validation: Option<Window>,
    /// Sessions judged.
    pub test: Window,
    /// Rows judged, of any horizon.
    pub n_rows: usize,
}

/// First and last session of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First session.
    pub first: String,
    /// Last session.
    pub last: String,
    /// Sessions.
    pub n_sessions: usize,
}

/// One horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HorizonReport {
    /// `1d`, `5d` or `20d`.
    pub horizon: String,
    /// Rows with a known outcome.
    pub n_rows: usize,
    /// Sessions they come from.
    pub n_sessions: usize,
    /// Share of rises among them.
    pub base_rate: f64,
    /// Share of unchanged closes among them.
    pub tie_share: f64,
    /// The forecasters, in the order of tables.
    pub models: Vec<ModelReport>,
    /// Paired differences.
    pub differences: Vec<Difference>,
    /// The single factor with the greatest rank IC on these rows.
    pub best_factor: Option<String>,
    /// Said and happened, of the calibrated network.
    pub reliability: Vec<ReliabilityRow>,
    /// The network's decile spread, one portfolio after the other.
    pub cumulated: Vec<SpreadPoint>,
    /// The network quarter by quarter.
    pub quarters: Vec<QuarterRow>,
}

/// What kind of forecaster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// The seeds' outputs averaged.
    Network,
    /// The figures of the seeds averaged.
    NetworkMean,
    /// One seed.
    NetworkSeed,
    /// One seed, one fit a fold or refitted each quarter.
    Refit,
    /// Trained on the same rows.
    Baseline,
    /// Knows nothing but how often prices rise.
    BaseRate,
    /// One untrained column.
    Factor,
}

/// One forecaster at one horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Its name.
    pub name: String,
    /// What kind.
    pub kind: ModelKind,
    /// Its figures.
    pub figures: Vec<NamedFigure>,
    /// Rank IC by quarter.
    pub quarters: Vec<QuarterFigure>,
    /// The quarter with the lowest rank IC.
    pub worst_quarter: Option<QuarterFigure>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedFigure {
    /// The metric's name.
    pub metric: String,
    /// `counted` or `left_out`: whether rows with an unchanged close count.
    pub ties: String,
    /// The figure.
    #[serde(flatten)]
    pub figure: FigureEntry,
}

/// A value and its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FigureEntry {
    /// The estimate.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Standard error.
    pub standard_error: f64,
    /// Sessions it rests on.
    pub n_sessions: usize,
}

/// One forecaster minus another, on the same sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The first.
    pub of: String,
    /// What is taken from it.
    pub minus: String,
    /// The metric's name.
    pub metric: String,
    /// The difference.
    #[serde(flatten)]
    pub figure: FigureEntry,
}

/// A quarter's rank IC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuarterFigure {
    /// For instance `2024Q3`.
    pub quarter: String,
    /// Mean rank IC.
    pub rank_ic: f64,
}

/// One bin of said probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityRow {
    /// Rows in it.
    pub n_rows: usize,
    /// Mean probability said.
    pub said: f64,
    /// Share that rose.
    pub happened: f64,
    /// Lower end of the share's interval.
    pub low: f64,
    /// Upper end of the share's interval.
    pub high: f64,
}

/// The sum of the decile spreads until one session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpreadPoint {
    /// The session.
    pub session: String,
    /// Before costs.
    pub before_costs: f64,
    /// After them.
    pub after_costs: f64,
}

/// The network in one quarter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuarterRow {
    /// For instance `2024Q3`.
    pub quarter: String,
    /// Rows.
    pub n_rows: usize,
    /// Mean probability said.
    pub said: f64,
    /// Share that rose.
    pub happened: f64,
    /// Share of returns inside their interval, if there are intervals.
    pub interval_coverage: Option<f64>,
}

/// The losses of one training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearningCurve {
    /// The task.
    pub task: String,
    /// Mean training loss of each epoch.
    pub train: Vec<f64>,
    /// Validation loss after each epoch, where there is one.
    pub validation: Vec<f64>,
}

/// How long a task took when it ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskTiming {
    /// The task.
    pub task: String,
    /// Seconds.
    pub seconds: f64,
}

impl From<Figure> for FigureEntry {
    fn from(figure: Figure) -> Self {
        Self {
            value: figure.value,
            low: figure.low,
            high: figure.high,
            standard_error: figure.standard_error,
            n_sessions: figure.n_sessions,
        }
    }
}

impl ModelReport {
    /// A figure with every row counted.
    pub fn figure(&self, metric: Metric) -> Option<&FigureEntry> {
        self.figure_with(metric, Ties::Counted)
    }

    /// A figure with or without unchanged closes.
    pub fn figure_with(&self, metric: Metric, ties: Ties) -> Option<&FigureEntry> {
        (self.figures.iter())
            .find(|named| named.metric == metric.as_str() && named.ties == ties.as_str())
            .map(|named| &named.figure)
    }
}

impl HorizonReport {
    /// A forecaster by its name.
    pub fn model(&self, name: &str) -> Option<&ModelReport> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The forecasters of a kind.
    pub fn of_kind(&self, kind: ModelKind) -> impl Iterator<Item = &ModelReport> {
        self.models.iter().filter(move |model| model.kind == kind)
    }
}

impl Report {
    /// The part of one horizon.
    pub fn horizon(&self, horizon: Horizon) -> Option<&HorizonReport> {
        let word = horizon.as_str();
        self.horizons.iter().find(|entry| entry.horizon == word)
    }

    /// Whether no leakage check named a leak.
    pub fn is_free_of_leaks(&self) -> bool {
        self.leakage.iter().all(|finding| finding.passed)
    }

    /// The report as JSON, indented.
    ///
    /// # Errors
    /// [`serde_json::Error`] if a figure is not a number, which none is.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }
}
