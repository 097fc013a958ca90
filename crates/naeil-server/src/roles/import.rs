//! `naeil import`: bars from files; and what every import of recorded bars has in common.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use naeil_domain::ports::BarSource as _;
use naeil_domain::{DataOrigin, PriceBasis};
use naeil_store::import::{EnteredAction, FileSource, RowSource, read_actions};
use naeil_store::{ImportError, ImportOptions, ImportReport, Store};
use serde_json::json;

use crate::cli::{BasisChoice, ImportArgs, ImportBar, Report};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};
use crate::roles::layouts;

pub(crate) async fn run(context: &Context, args: ImportArgs) -> CommandResult {
    if args.list_layouts {
        return layouts::list(context);
    }
    // Read first: what is wrong in it should show before anything is stored.
    let read = |file: &PathBuf| read_actions(file).or_failure(Failure::Input);
    let actions = args.actions.as_ref().map(read).transpose()?;
    let mut reports = Vec::new();
    for (file, rejects_name) in args.files.iter().zip(rejects_names(&args.files)) {
        let report = import_as(context, file, rejects_name, &args).await?;
        reports.push((file.display().to_string(), report));
    }
    if args.dry_run {
        say_dry_run();
    }
    if !args.files.is_empty() {
        print(context, &reports)?;
    }
    match (&args.actions, actions) {
        (Some(file), Some(actions)) => import_actions(context, file, &actions).await,
        _ => Ok(()),
    }
}

/// Stores the corporate actions of a file, all or none.
async fn import_actions(
    context: &Context,
    file: &Path,
    actions: &[EnteredAction],
) -> CommandResult {
    let store = store_of_recorded_bars(context).await?;
    let name = file.display().to_string();
    let report = store
        .import_actions(&name, actions)
        .await
        .with_context(|| format!("nothing of {name} was stored"))
        .or_failure(Failure::Input)?;
    Report::facts(vec![
        ("file", json!(name)),
        ("actions_stored", json!(report.stored)),
        ("unchanged", json!(report.unchanged)),
    ])
    .print(context.output)?;
    Ok(())
}

pub(super) fn say_dry_run() {
    eprintln!("a dry run: this is what would have been stored, and nothing was");
}

/// What the refused rows of each file are filed under: its name, and a number where an earlier one
/// has the same name.
fn rejects_names(files: &[PathBuf]) -> Vec<String> {
    let mut n_called: HashMap<String, usize> = HashMap::new();
    let mut named = |file: &PathBuf| {
        let name = base_name(file);
        let n = n_called.entry(name.clone()).or_default();
        *n += 1;
        if *n == 1 { name } else { format!("{name}-{n}") }
    };
    files.iter().map(&mut named).collect()
}

fn base_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Imports one file into the context's store, with a progress bar.
pub(crate) async fn import_file(
    context: &Context,
    file: &Path,
    args: &ImportArgs,
) -> Result<ImportReport, CommandError> {
    import_as(context, file, base_name(file), args).await
}

async fn import_as(
    context: &Context,
    file: &Path,
    rejects_name: String,
    args: &ImportArgs,
) -> Result<ImportReport, CommandError> {
    let layout = layouts::asked_for(args)?;
    // Before anything is made on disk: a wrong file name should leave no trace.
    let mut source = FileSource::open_with(file, &layout)
        .map_err(|error| {
            let hint = layouts::hint(&error).filter(|_| args.layout.is_none());
            match hint {
                Some(hint) => anyhow::anyhow!("{error}; {hint}"),
                None => error.into(),
            }
        })
        .or_failure(Failure::Input)?;
    let name = base_name(file);
    let basis = args.basis.unwrap_or(BasisChoice::BackAdjusted);
    let import = BarImport {
        rejects_name,
        rejects_dir: args.rejects_dir.clone(),
        basis: basis.into(),
        dry_run: args.dry_run,
        ..BarImport::new(&name)
    };
    let store = store_of_recorded_bars(context).await?;
    let bar = ImportBar::new(&name);
    import
        .run(context, &store, &mut source, &bar)
        .await?
        .with_context(|| format!("nothing of {} was stored", file.display()))
        .or_failure(Failure::Input)
}

impl From<BasisChoice> for PriceBasis {
    fn from(choice: BasisChoice) -> Self {
        match choice {
            BasisChoice::AsTraded => Self::AsTraded,
            BasisChoice::BackAdjusted => Self::BackAdjusted,
        }
    }
}

/// The context's store, unless what it holds was made up.
pub(super) async fn store_of_recorded_bars(context: &Context) -> Result<Store, CommandError> {
    let store = context.store().await?;
    if let Some(state) = store.data_state().await?
        && state.origin.is_simulated()
    {
        return Err(CommandError::new(
            Failure::Input,
            anyhow::anyhow!(
                "{} holds simulated bars, which must not be mixed with recorded ones; choose \
                 another folder with --data-dir, or another database with store.url",
                context.config().store_url()
            ),
        ));
    }
    Ok(store)
}

/// One import of recorded bars, wherever they come from.
pub(super) struct BarImport {
    /// What the source is called in the table of runs and in messages.
    pub(super) source_name: String,
    pub(super) basis: PriceBasis,
    /// What its refused rows are filed under.
    pub(super) rejects_name: String,
    pub(super) rejects_dir: Option<PathBuf>,
    pub(super) dry_run: bool,
}

impl BarImport {
    pub(super) fn new(source_name: &str) -> Self {
        Self {
            source_name: source_name.to_owned(),
            rejects_name: source_name.to_owned(),
            basis: PriceBasis::BackAdjusted,
            rejects_dir: None,
            dry_run: false,
        }
    }

    /// Runs it. The outer error is ours, the inner one the source's or the store's.
    pub(super) async fn run(
        &self,
        context: &Context,
        store: &Store,
        source: &mut dyn RowSource,
        bar: &ImportBar,
    ) -> Result<Result<ImportReport, ImportError>, CommandError> {
        let data_dir = &context.config().data_dir;
        let rejects_dir = self
            .rejects_dir
            .clone()
            .unwrap_or_else(|| data_dir.join("rejects"));
        std::fs::create_dir_all(&rejects_dir)
            .with_context(|| format!("cannot make {}", rejects_dir.display()))?;
        let calendar = context.calendar()?;
        let rejects_name = self.rejects_name.replace([':', '/', '\\'], "-");
        let options = ImportOptions {
            basis: self.basis,
            origin: DataOrigin::Recorded,
            today: context.last_final_date(&calendar),
            calendar,
            rejects_file: Some(rejects_dir.join(format!("{rejects_name}.rejects.csv"))),
            source_name: self.source_name.clone(),
            dry_run: self.dry_run,
        };
        Ok(store
            .import(source, &options, &mut |progress| bar.at(&progress))
            .await)
    }
}

pub(super) fn print(context: &Context, reports: &[(String, ImportReport)]) -> CommandResult {
    let rows = reports
        .iter()
        .map(|(file, report)| {
            let refused: Vec<String> = report
                .refused
                .iter()
                .map(|(reason, n)| format!("{reason}: {n}"))
                .collect();
            vec![
                file.clone(),
                report.rows_read.to_string(),
                report.stored.to_string(),
                report.corrected.to_string(),
                report.unchanged.to_string(),
                if refused.is_empty() {
                    "0".to_owned()
                } else {
                    refused.join(", ")
                },
                format!("{:.1} s", report.elapsed.as_secs_f64()),
            ]
        })
        .collect();
    let json = reports
        .iter()
        .map(|(file, report)| {
            json!({
                "file": file,
                "rows_read": report.rows_read,
                "stored": report.stored,
                "corrected": report.corrected,
                "unchanged": report.unchanged,
                "refused": report.refused,
                "rejects_file": report.rejects_file,
                "seconds": report.elapsed.as_secs_f64(),
            })
        })
        .collect();
    for (_, report) in reports {
        if let Some(path) = &report.rejects_file {
            eprintln!("refused rows and why: {}", path.display());
        }
    }
    Report::new(
        vec![
            "file",
            "rows read",
            "stored",
            "corrected",
            "unchanged",
            "refused",
            "time",
        ],
        rows,
        json,
    )
    .print(context.output)?;
    Ok(())
}
