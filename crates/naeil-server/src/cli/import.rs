//! Arguments of `import`.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Files in long format: code,name,market,date,open,high,low,close,volume and, if there is one,
    /// adjustment_factor; or of the layout given by --layout.
    #[arg(required_unless_present_any = ["list_layouts", "actions"], value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// File of corporate actions: CSV with the columns code,session,kind,ratio. Read after the
    /// other files; what it says about a stock and session stands instead of what was known.
    #[arg(long, value_name = "FILE")]
    pub(crate) actions: Option<PathBuf>,

    /// How other people's files are read: the name of a shipped layout, or a TOML file.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) layout: Option<String>,

    /// Lists the shipped layouts and ends.
    #[arg(long, conflicts_with_all = ["files", "layout", "actions"])]
    pub(crate) list_layouts: bool,

    /// Market of every row, where no column says it: KOSPI, KOSDAQ or KONEX.
    #[arg(long, requires = "layout")]
    pub(crate) market: Option<String>,

    /// Session of every row, where no column says it.
    #[arg(long, value_name = "DATE", requires = "layout")]
    pub(crate) session: Option<NaiveDate>,

    /// What the prices mean where neither a factor nor the layout says it [default:
    /// back_adjusted].
    #[arg(long, value_enum)]
    pub(crate) basis: Option<BasisChoice>,

    /// Folder for the files of refused rows [default: DATA_DIR/rejects].
    #[arg(long, value_name = "DIR")]
    pub(crate) rejects_dir: Option<PathBuf>,

    /// Reads and checks everything, reports what would be stored, and stores nothing.
    #[arg(long, conflicts_with = "actions")]
    pub(crate) dry_run: bool,
}

/// What prices mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum BasisChoice {
    /// Already adjusted backwards by the vendor.
    BackAdjusted,
    /// As quoted that day.
    AsTraded,
}

impl ImportArgs {
    /// How the demo imports a file.
    pub(crate) fn of_demo(file: &Path) -> Self {
        Self {
            files: vec![file.to_owned()],
            actions: None,
            layout: None,
            list_layouts: false,
            market: None,
            session: None,
            basis: None,
            rejects_dir: None,
            dry_run: false,
        }
    }
}
