//! Walk-forward evaluation: folds and seeds as resumable tasks, baselines beside the network, leakage
//! checks, and the report.
//!
//! Start at [`evaluate`]: a [`Market`] and an [`EvaluationConfig`] in, a [`Report`] out, which
//! [`render_html`], [`Report::to_json`] and [`render_text`] show. Every training is a task whose
//! scores are kept in a folder named after the data and the settings; whoever calls again after a
//! kill goes on with the first task that is not there. The [`leakage`] checks name a feature that
//! knows the future, a scaler that saw the test and a split that overlaps labels.
//!
//! This crate knows no database, no registry and no clock.
#![warn(missing_docs)]

mod card;
mod config;
mod error;
mod estimate;
mod evaluate;
mod forecasters;
mod html;
mod judge;
pub mod leakage;
mod plan;
mod report;
mod rows;
mod score_table;
mod task;
mod task_store;
mod text;

pub use config::EvaluationConfig;
pub use error::BacktestError;
pub use estimate::{Estimate, estimate};
pub use evaluate::{Evaluated, evaluate, planned_trainings};
pub use html::render_html;
pub use plan::{EvaluationPlan, PlannedFold, SplitDates, quarter};
pub use report::{
    DataFacts, Difference, FigureEntry, FoldFacts, HorizonReport, LearningCurve, ModelKind,
    ModelReport, NamedFigure, QuarterFigure, QuarterRow, ReliabilityRow, Report, SCHEMA_VERSION,
    SpreadPoint, TaskTiming, Window,
};
pub use rows::{FoldRows, Market};
pub use score_table::{Columns, ScoreTable};
pub use task::{EvaluationProgress, Silent};
pub use task_store::{TaskKey, TaskStore};
pub use text::render_text;
