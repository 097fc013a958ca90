//! `naeil evaluate`: how good the model is, judged as it would have been used.

use anyhow::Context as _;
use chrono::SecondsFormat;
use naeil_backtest::{
    BacktestError, Estimate, Evaluated, EvaluationConfig, EvaluationPlan, Market, SplitDates,
    estimate, evaluate, render_html, render_text,
};
use naeil_domain::ports::{BarRequest, BarSource as _};
use naeil_domain::{BarPanel, DataOrigin, Exchange, StockCode, TradingCalendar};
use naeil_features::FeatureSpec;
use naeil_model::{NetworkConfig, TrainingConfig};
use naeil_pipeline::config::UniverseConfig;
use naeil_pipeline::{CODE_VERSION, data_digest, select_universe};
use naeil_quality::CheckRequest;

use super::import;
use crate::cli::WINDOWS_PER_EPOCH;
use crate::cli::{EvaluateArgs, EvaluationTalk, ImportArgs, Output, print_text, spinner};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};

pub(crate) async fn run(
    mut context: Context,
    args: EvaluateArgs,
    data_dir_given: bool,
) -> CommandResult {
    let config = &mut context.resolved.config;
    if args.data.is_some() && !data_dir_given {
        // Recorded and simulated bars never share a store.
        config.data_dir = config.data_dir.join("recorded");
    }
    if let Some(file) = &args.data {
        let report = import::import_file(&context, file, &ImportArgs::of_demo(file)).await?;
        eprintln!(
            "{}: {} bars are new, refused {}",
            file.display(),
            report.stored,
            report.n_refused()
        );
    }
    let (bars, origin) = read_bars(&context, &args).await?;
    let accepted_checks = pass(&context, &bars, &args).await?;
    let root = context.config().data_dir.join("evaluations");
    let universe = universe_config(&context, &args)?;
    let made_at = context
        .clock
        .now()
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    let task = {
        let args = args.clone();
        move || {
            judge(
                &args,
                bars,
                origin,
                &universe,
                accepted_checks,
                &root,
                &made_at,
            )
        }
    };
    let evaluated = tokio::task::spawn_blocking(task).await??;
    if let Some(path) = &args.html {
        std::fs::write(path, render_html(&evaluated.report))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    print(&context, &evaluated)
}

/// Everything that computes.
fn judge(
    args: &EvaluateArgs,
    bars: BarPanel,
    origin: DataOrigin,
    universe: &UniverseConfig,
    accepted_checks: Vec<String>,
    root: &std::path::Path,
    made_at: &str,
) -> Result<Evaluated, CommandError> {
    let spec = FeatureSpec::v2();
    let config = EvaluationConfig {
        accepted_checks,
        ..evaluation_config(args, &spec)?
    };
    let unusable = spec.warm_up() + spec.lookback();
    let folds = config
        .plan
        .folds(bars.sessions(), unusable)
        .map_err(failed)?;
    // Only what the first fold is trained on may say whom all are judged on.
    let train = folds.first().map(|fold| fold.fold.train.clone());
    let universe = select_universe(&bars, train.unwrap_or_default(), universe);
    for code in &universe.missing {
        eprintln!("{code} is asked for and has no bar, it is left out");
    }
    let digest = data_digest(Exchange::default(), &bars);
    let computing = spinner("computing features");
    let exchange = Exchange::default();
    let market = Market::prepare(bars, universe.stock_idxs, digest, exchange, origin, &spec)
        .map_err(failed)?;
    computing.finish_and_clear();
    if args.full {
        say(&estimate(&market, &config).map_err(failed)?);
    }
    evaluate(&market, &config, root, made_at, &EvaluationTalk::new()).map_err(failed)
}

fn evaluation_config(
    args: &EvaluateArgs,
    spec: &FeatureSpec,
) -> Result<EvaluationConfig, CommandError> {
    let windows = args.windows_per_epoch.unwrap_or(WINDOWS_PER_EPOCH);
    let mut training = TrainingConfig {
        windows_per_epoch: (!args.full).then_some(windows),
        ..TrainingConfig::default()
    };
    training.epochs = args.epochs.unwrap_or(training.epochs);
    training.validate().or_failure(Failure::Input)?;
    let plan = match (args.train_until, args.validate_until, args.test_until) {
        (Some(train_until), Some(validate_until), Some(test_until)) => {
            EvaluationPlan::Split(SplitDates {
                train_until,
                validate_until,
                test_until,
            })
        }
        _ => EvaluationPlan::WalkForward {
            folds: usize::from(args.folds),
            test_sessions: args.test_sessions,
        },
    };
    let mut config = EvaluationConfig {
        plan,
        seeds: (1..=args.seeds).collect(),
        refit_quarterly: !args.no_refit,
        one_way_cost_bps: args.cost_bps,
        ..EvaluationConfig::new(NetworkConfig::for_spec(spec), training, CODE_VERSION)
    };
    if args.no_boosting {
        config.boosting = None;
    }
    config.validate().map_err(failed)?;
    Ok(config)
}

/// The bars of every stock in the sessions that the calendar covers, and where they come from.
async fn read_bars(
    context: &Context,
    args: &EvaluateArgs,
) -> Result<(BarPanel, DataOrigin), CommandError> {
    let store = context.store().await?;
    let nothing = || {
        CommandError::new(
            Failure::NotReady,
            anyhow::anyhow!("there is not one bar to evaluate on; import some: naeil import FILE"),
        )
    };
    let state = store.data_state().await?.ok_or_else(nothing)?;
    let request = BarRequest {
        codes: None,
        last_sessions: None,
        until: args.until,
        as_known_at: None,
    };
    let bars = covered(store.bars(&request).await?, &context.calendar()?);
    if bars.sessions().is_empty() || bars.stocks().is_empty() {
        return Err(nothing());
    }
    Ok((bars, state.origin))
}

/// Lets the quality checks judge the bars that were read, as a retrain does, and refuses what they call
/// unfit. Names the checks that failed and were accepted.
async fn pass(
    context: &Context,
    bars: &BarPanel,
    args: &EvaluateArgs,
) -> Result<Vec<String>, CommandError> {
    let store = context.store().await?;
    let request = CheckRequest {
        exchange: Exchange::default(),
        bars: BarRequest {
            codes: None,
            last_sessions: Some(bars.sessions().len()),
            until: bars.sessions().last().copied(),
            as_known_at: None,
        },
        calendar: Some(context.calendar()?),
        now: context.clock.now(),
    };
    let bar = spinner("checking bars");
    let report = naeil_quality::check(&store, &request).await?;
    bar.finish_and_clear();
    let accepted = super::retrain::accepted_checks(&context.config().retrain, &args.accept_data)?;
    let failures = report.failures(&accepted);
    if failures.is_empty() {
        let failed = report.findings.iter().filter(|finding| finding.failed);
        return Ok(failed.map(|finding| finding.check.to_string()).collect());
    }
    for failure in &failures {
        eprintln!("{}: {}; {}", failure.check, failure.summary, failure.remedy);
    }
    let named: Vec<&str> = failures.iter().map(|f| f.check.as_str()).collect();
    Err(CommandError::new(
        Failure::Unfit,
        anyhow::anyhow!(
            "the data are not fit to be judged on: {}; 'naeil data check' writes the whole report; mend \
             them, or accept what is stated here with --accept-data {}",
            named.join(", "),
            named.join(",")
        ),
    ))
}

/// Sessions that the calendar covers: elsewhere a session that the source lacks would be invisible,
/// and every label across it a session too long.
fn covered(bars: BarPanel, calendar: &TradingCalendar) -> BarPanel {
    let is_covered = |session: &&naeil_domain::Session| calendar.covers(session.date());
    let n_covered = bars.sessions().iter().rev().take_while(is_covered).count();
    let n_cut = bars.sessions().len() - n_covered;
    if n_cut == 0 {
        return bars;
    }
    eprintln!("the first {n_cut} sessions are older than the trading calendar and are left out");
    let cut = bars.last_sessions(n_covered);
    cut.retain_stocks(|stock_idx, _| {
        let close = cut.stock_bars(stock_idx).close;
        close.iter().any(|close| !close.is_nan())
    })
}

fn universe_config(context: &Context, args: &EvaluateArgs) -> Result<UniverseConfig, CommandError> {
    let universe = &context.config().universe;
    let always = universe.always.iter().map(|text| StockCode::parse(text));
    Ok(UniverseConfig {
        max_stocks: args.max_stocks.or(universe.max_stocks),
        always: always
            .collect::<Result<_, _>>()
            .or_failure(Failure::Config)?,
        spacs: universe.spacs,
    })
}

fn failed(error: BacktestError) -> CommandError {
    let failure = match error {
        BacktestError::InvalidConfig { .. } | BacktestError::NoSessions { .. } => Failure::Input,
        BacktestError::TooFewSessions { .. } | BacktestError::NoRows { .. } => Failure::NotReady,
        _ => Failure::Failed,
    };
    CommandError::new(failure, error)
}

fn say(estimate: &Estimate) {
    eprintln!(
        "{} trainings of the network see {:.0} windows; at {:.0} a second, measured just now, \
         that is {:.0} minutes, baselines and judging on top; what is stored already is not done \
         again",
        estimate.trainings,
        estimate.windows,
        estimate.windows_per_second,
        estimate.seconds() / 60.0
    );
}

fn print(context: &Context, evaluated: &Evaluated) -> CommandResult {
    let Evaluated { report, folder } = evaluated;
    match context.output {
        Output::Json => print_text(&report.to_json()?)?,
        _ => print_text(&render_text(report))?,
    }
    eprintln!(
        "written: {}/report.html, report.json, report.txt",
        folder.display()
    );
    if report.is_free_of_leaks() {
        return Ok(());
    }
    let leaks: Vec<&str> = (report.leakage.iter())
        .filter(|finding| !finding.passed)
        .map(|finding| finding.leak.as_str())
        .collect();
    Err(CommandError::new(
        Failure::Leak,
        anyhow::anyhow!(
            "a leak was found, so the figures are worth nothing: {}; the report names each case",
            leaks.join(", ")
        ),
    ))
}
