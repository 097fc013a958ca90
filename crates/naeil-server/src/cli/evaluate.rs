//! Arguments of `evaluate`.

use std::path::PathBuf;

use clap::Args;
use naeil_backtest::EvaluationConfig;
use naeil_domain::Session;
use naeil_quality::CheckName;

use super::check_name;

/// Windows that each pass of a training sees unless `--full` or `--windows-per-epoch` says
/// otherwise: four folds, five seeds and the refits of their quarters then take half an hour on two
/// cores.
pub(crate) const WINDOWS_PER_EPOCH: usize = 30_000;

/// Arguments of `evaluate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct EvaluateArgs {
    /// Recorded bars to evaluate on, imported first; kept apart in .naeil/recorded unless --data-dir
    /// says otherwise. Without it, the store's bars are taken.
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,

    /// Checks of the quality report that may fail, separated by commas; added to
    /// retrain.accept_data. The report says which they were.
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = check_name)]
    pub(crate) accept_data: Vec<CheckName>,

    /// Knows no bar after this session, YYYY-MM-DD.
    #[arg(long, value_name = "SESSION")]
    pub(crate) until: Option<Session>,

    /// Folds that move forward, each trained on everything before it.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) folds: u16,

    /// Sessions that each fold is judged on [default: as many as leave enough for training, 246 at
    /// most].
    #[arg(long, value_name = "N")]
    pub(crate) test_sessions: Option<usize>,

    /// One stated split instead of folds: training ends with this session.
    #[arg(long, value_name = "SESSION", requires_all = ["validate_until", "test_until"],
          conflicts_with_all = ["folds", "test_sessions"])]
    pub(crate) train_until: Option<Session>,

    /// With --train-until: validation ends with this session.
    #[arg(long, value_name = "SESSION", requires = "train_until")]
    pub(crate) validate_until: Option<Session>,

    /// With --train-until: what is judged ends with this session.
    #[arg(long, value_name = "SESSION", requires = "train_until")]
    pub(crate) test_until: Option<Session>,

    /// Seeds of the network: 1 to this number.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=50))]
    pub(crate) seeds: u64,

    /// Only so many stocks, those of greatest median traded value in the first fold's training
    /// [default: universe.max_stocks].
    #[arg(long, value_name = "N")]
    pub(crate) max_stocks: Option<usize>,

    /// Windows that each pass of a training sees at most [default: 30000].
    #[arg(long, value_name = "N", conflicts_with = "full")]
    pub(crate) windows_per_epoch: Option<usize>,

    /// Passes of a training [default: the model's own].
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,

    /// Every training sees every session; says first how long that will take.
    #[arg(long)]
    pub(crate) full: bool,

    /// Leaves out refitting each quarter.
    #[arg(long)]
    pub(crate) no_refit: bool,

    /// Leaves out gradient boosting, which takes longer than the network.
    #[arg(long)]
    pub(crate) no_boosting: bool,

    /// Cost of buying or of selling, in basis points of what is traded.
    #[arg(long, value_name = "BPS", default_value_t = EvaluationConfig::ONE_WAY_COST_BPS)]
    pub(crate) cost_bps: f64,

    /// Also writes the page to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}
