//! `naeil data`: what is wrong with the stored bars, and what is known about them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use naeil_domain::ports::{BarHistory as _, BarRequest, BarSource as _, StockDirectory as _};
use naeil_domain::{Session, StockCode};
use naeil_quality::{CheckRequest, Finding, QualityReport, check_since, render_html};
use naeil_store::Store;
use serde_json::{Value, json};

use crate::cli::{CheckArgs, DataCommand, Report, spinner};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure};

pub(crate) async fn run(context: &Context, command: &DataCommand) -> CommandResult {
    match command {
        DataCommand::Check(args) => check(context, args).await,
        DataCommand::Actions { exchange } => {
            let store = context.store().await?.for_exchange(*exchange);
            let actions = store.actions(None).await?;
            let rows = actions
                .iter()
                .map(|action| {
                    vec![
                        action.code.to_string(),
                        action.session.to_string(),
                        action.kind.to_string(),
                        action.ratio.to_string(),
                        action.source.as_str().to_owned(),
                    ]
                })
                .collect::<Vec<_>>();
            let headers = vec!["code", "session", "kind", "ratio", "source"];
            let json = actions
                .iter()
                .map(|action| {
                    json!({
                        "code": action.code.as_str(),
                        "session": action.session.to_string(),
                        "kind": action.kind.as_str(),
                        "ratio": action.ratio,
                        "source": action.source.as_str(),
                    })
                })
                .collect();
            Report::new(headers, rows, json).print(context.output)?;
            Ok(())
        }
    }
}

async fn check(context: &Context, args: &CheckArgs) -> CommandResult {
    let store = context.store().await?.for_exchange(args.exchange);
    let Some(state) = store.data_state().await? else {
        return Err(CommandError::new(
            Failure::NotReady,
            anyhow::anyhow!(
                "there is not one bar of {} to check; import some: naeil import FILE",
                args.exchange
            ),
        ));
    };
    let calendar = context.calendar()?;
    let request = CheckRequest {
        exchange: args.exchange,
        bars: BarRequest {
            codes: (!args.codes.is_empty()).then(|| args.codes.clone()),
            last_sessions: None,
            until: args.until.map(Session::new),
            as_known_at: args.as_known_at,
        },
        calendar: args.exchange.has_calendar().then_some(calendar),
        now: context.clock.now(),
    };
    refuse_unknown(&store, args).await?;
    let bar = spinner("checking bars");
    let report = check_since(&store, &request, args.from).await?;
    bar.finish_and_clear();
    if report.bars == 0 {
        return Err(CommandError::new(
            Failure::Input,
            anyhow::anyhow!(
                "there is not one bar of {} that was asked for: look at --codes, --from, --until \
                 and --as-known-at",
                args.exchange
            ),
        ));
    }

    let folder = context.config().data_dir.join("quality");
    let part = if args.is_partial() { "-part" } else { "" };
    let stem = format!("{}-r{}{part}", args.exchange, state.revision);
    keep(&report, &folder, &stem, args.html.as_deref())?;
    print(context, &report)?;
    let failures = report.failures(&[]);
    if failures.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = failures.iter().map(|f| f.check.as_str()).collect();
    Err(CommandError::new(
        Failure::Unfit,
        anyhow::anyhow!(
            "the data are not fit to train on: {}; mend them, or accept what is stated here with \
             'naeil retrain --accept-data {}'",
            named.join(", "),
            named.join(",")
        ),
    ))
}

/// A code without a stock would be checked for nothing, and pass.
async fn refuse_unknown(store: &Store, args: &CheckArgs) -> CommandResult {
    let stocks = store.stocks().await?;
    let is_known = |code: &&StockCode| stocks.iter().any(|stock| stock.code == **code);
    let unknown: Vec<&str> = args
        .codes
        .iter()
        .filter(|code| !is_known(code))
        .map(StockCode::as_str)
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(CommandError::new(
        Failure::Input,
        anyhow::anyhow!(
            "the store has no stock {} on {}",
            unknown.join(", "),
            args.exchange
        ),
    ))
}

/// Writes the report beside the data, and says where.
fn keep(
    report: &QualityReport,
    folder: &Path,
    stem: &str,
    html: Option<&Path>,
) -> Result<(), CommandError> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let page = render_html(report);
    let mut files: Vec<(PathBuf, String)> = vec![
        (folder.join(format!("{stem}.json")), report.to_json()?),
        (folder.join(format!("{stem}.html")), page.clone()),
    ];
    files.extend(html.map(|path| (path.to_owned(), page)));
    let actions = folder.join(format!("{stem}.actions.csv"));
    if !report.suggested_actions.is_empty() {
        files.push((actions, actions_csv(report)?));
    } else if let Err(e) = std::fs::remove_file(&actions)
        && e.kind() != ErrorKind::NotFound
    {
        // What an earlier check suggested must not look like a suggestion of this one.
        return Err(e)
            .with_context(|| format!("cannot remove {}", actions.display()))
            .map_err(Into::into);
    }
    for (path, text) in files {
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("written: {}", path.display());
    }
    Ok(())
}

/// The suggested actions as the file that an import of actions takes.
fn actions_csv(report: &QualityReport) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["code", "session", "kind", "ratio"])?;
    for action in &report.suggested_actions {
        let ratio = action.ratio.to_string();
        writer.write_record([&action.code, &action.session, &action.kind, &ratio])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn print(context: &Context, report: &QualityReport) -> CommandResult {
    let row = |finding: &Finding| {
        let state = match (finding.failed, finding.flagged) {
            (true, _) => "failed",
            (false, true) => "look",
            (false, false) => "ok",
        };
        vec![
            finding.check.to_string(),
            state.to_owned(),
            finding.summary.clone(),
        ]
    };
    let rows = report.findings.iter().map(row).collect();
    let json: Value = serde_json::to_value(report)?;
    Report::new(vec!["check", "state", "finding"], rows, json).print(context.output)?;
    for finding in report.failures(&[]) {
        eprintln!("{}: {}", finding.check, finding.remedy);
    }
    Ok(())
}
