//! `naeil import`: bars from files.

use std::path::Path;

use anyhow::Context as _;
use naeil_domain::ports::BarSource as _;
use naeil_domain::{DataOrigin, PriceBasis};
use naeil_store::import::FileSource;
use naeil_store::{ImportOptions, ImportReport};
use serde_json::json;

use crate::cli::{BasisChoice, ImportArgs, ImportBar, Report};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};

pub(crate) async fn run(context: &Context, args: ImportArgs) -> CommandResult {
    let mut reports = Vec::new();
    for file in &args.files {
        let report = import_file(context, file, &args).await?;
        reports.push((file.display().to_string(), report));
    }
    if args.dry_run {
        eprintln!("a dry run: this is what would have been stored, and nothing was");
    }
    print(context, &reports)
}

/// Imports one file into the context's store, with a progress bar.
pub(crate) async fn import_file(
    context: &Context,
    file: &Path,
    args: &ImportArgs,
) -> Result<ImportReport, CommandError> {
    // Before anything is made on disk: a wrong file name should leave no trace.
    let mut source = FileSource::open(file).or_failure(Failure::Input)?;
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
    let rejects_dir = args
        .rejects_dir
        .clone()
        .unwrap_or_else(|| context.config().data_dir.join("rejects"));
    std::fs::create_dir_all(&rejects_dir)
        .with_context(|| format!("cannot make {}", rejects_dir.display()))?;
    let name = file
        .file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned();
    let calendar = context.calendar()?;
    let options = ImportOptions {
        basis: match args.basis {
            BasisChoice::AsTraded => PriceBasis::AsTraded,
            BasisChoice::BackAdjusted => PriceBasis::BackAdjusted,
        },
        origin: DataOrigin::Recorded,
        today: context.last_final_date(&calendar),
        calendar,
        rejects_file: Some(rejects_dir.join(format!("{name}.rejects.csv"))),
        source_name: name.clone(),
        dry_run: args.dry_run,
    };
    let bar = ImportBar::new(&name);
    store
        .import(&mut source, &options, &mut |progress| {
            bar.at(&progress);
        })
        .await
        .with_context(|| format!("nothing of {} was stored", file.display()))
        .or_failure(Failure::Input)
}

fn print(context: &Context, reports: &[(String, ImportReport)]) -> CommandResult {
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
