//! `naeil retrain`: the seven stages.

use std::sync::Arc;

use naeil_domain::{Exchange, StockCode};
use naeil_model::TrainingConfig;
use naeil_pipeline::config::{NetworkSize, PromotionConfig, UniverseConfig};
use naeil_pipeline::{
    CalibrationSettings, DataConfig, EvaluationFile, PipelineConfig, PipelineError, PipelinePorts,
    PolicyMode, RetrainOutcome, StageError,
};
use naeil_quality::CheckName;
use serde_json::json;

use crate::cli::{Output, Report, RetrainArgs, TrainingTalk, check_name, print_text};
use crate::config::{Config, PolicyChoice, RetrainConfig};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};

pub(crate) async fn run(context: &Context, args: &RetrainArgs) -> CommandResult {
    let outcome = retrain(context, args).await?;
    print(context, &outcome)
}

/// Runs the stages on the context's store and registry.
pub(crate) async fn retrain(
    context: &Context,
    args: &RetrainArgs,
) -> Result<RetrainOutcome, CommandError> {
    let config = pipeline_config(context.config(), args)?;
    let exchange = config.data.exchange;
    let bundle = &context.config().bundle;
    let signing_key = bundle.signing_key().or_failure(Failure::Config)?;
    let ports = PipelinePorts {
        signing_key,
        ..ports(context, exchange).await?
    };
    let runs = context.config().runs_dir();
    naeil_pipeline::retrain(&ports, &config, &runs, Arc::new(TrainingTalk::new()))
        .await
        .map_err(|error| CommandError::new(failure_of(&error), error))
}

/// The store, the registry and the rest, for the bars of an exchange.
pub(super) async fn ports(
    context: &Context,
    exchange: Exchange,
) -> Result<PipelinePorts, CommandError> {
    let store = Arc::new(context.store().await?.for_exchange(exchange));
    let calendar = exchange.has_calendar().then(|| context.calendar());
    Ok(PipelinePorts {
        bars: Arc::clone(&store) as _,
        history: Arc::clone(&store) as _,
        calendar: calendar.transpose()?,
        registry: Arc::new(context.registry()?),
        ledger: store,
        loader: Arc::new(context.bundle_loader()?),
        signing_key: None,
        clock: Arc::clone(&context.clock),
    })
}

/// Too few bars can be mended by importing; that deserves a code of its own.
fn failure_of(error: &PipelineError) -> Failure {
    match error {
        PipelineError::Config(_) => Failure::Config,
        PipelineError::Stage {
            source: StageError::NoBars | StageError::TooFewSessions { .. },
            ..
        } => Failure::NotReady,
        PipelineError::Stage {
            source: StageError::DataRefused { .. },
            ..
        } => Failure::Unfit,
        PipelineError::Stage {
            source: StageError::NoCalendar { .. } | StageError::SnapshotUnusable { .. },
            ..
        } => Failure::Input,
        _ => Failure::Failed,
    }
}

/// The pipeline's settings out of the program's.
pub(super) fn pipeline_config(
    config: &Config,
    args: &RetrainArgs,
) -> Result<PipelineConfig, CommandError> {
    let retrain = &config.retrain;
    let always = config
        .universe
        .always
        .iter()
        .map(|text| StockCode::parse(text))
        .collect::<Result<_, _>>()
        .or_failure(Failure::Config)?;
    let pipeline = PipelineConfig {
        data: data_config(retrain, args)?,
        universe: UniverseConfig {
            max_stocks: config.universe.max_stocks,
            always,
            spacs: config.universe.spacs,
        },
        last_sessions: Some(retrain.sessions),
        validation_sessions: retrain.validation_sessions,
        test_sessions: retrain.test_sessions,
        network: NetworkSize {
            hidden_size: retrain.hidden_size,
            n_layers: retrain.n_layers,
            seq_length: retrain.seq_length,
            dropout: retrain.dropout,
        },
        training: TrainingConfig {
            learning_rate: retrain.learning_rate,
            epochs: retrain.epochs,
            codes_per_step: retrain.codes_per_step,
            patience: retrain.patience,
            windows_per_epoch: retrain.windows_per_epoch,
            validation_windows: retrain.validation_windows,
            max_minutes: retrain.max_minutes,
            seeds: retrain.seeds,
            seed: retrain.seed,
            ..TrainingConfig::default()
        },
        calibration: CalibrationSettings {
            interval_level: retrain.interval_level,
        },
        policy: match retrain.policy {
            PolicyChoice::Fitted => PolicyMode::Fitted,
            PolicyChoice::Fixed => PolicyMode::Fixed,
        },
        promotion: PromotionConfig {
            min_gain: retrain.min_gain,
        },
    };
    pipeline.validate().or_failure(Failure::Config)?;
    Ok(pipeline)
}

/// Which bars: what the command line says goes beyond the configuration.
fn data_config(config: &RetrainConfig, args: &RetrainArgs) -> Result<DataConfig, CommandError> {
    Ok(DataConfig {
        exchange: args.exchange.unwrap_or_default(),
        until: args.until,
        as_known_at: args.as_known_at,
        observed_calendar: config.observed_calendar || args.observed_calendar,
        accept: accepted_checks(config, &args.accept_data)?,
        from_snapshot: args.from_snapshot.clone(),
    })
}

/// The checks that may fail: those of the configuration and those of the command line.
pub(super) fn accepted_checks(
    config: &RetrainConfig,
    of_command_line: &[CheckName],
) -> Result<Vec<CheckName>, CommandError> {
    let mut accept = config
        .accept_data
        .iter()
        .map(|word| {
            check_name(word).map_err(|reason| anyhow::anyhow!("retrain.accept_data: {reason}"))
        })
        .collect::<Result<Vec<_>, _>>()
        .or_failure(Failure::Config)?;
    accept.extend(of_command_line);
    accept.sort_unstable();
    accept.dedup();
    Ok(accept)
}

fn print(context: &Context, outcome: &RetrainOutcome) -> CommandResult {
    let comparison = &outcome.comparison;
    match context.output {
        Output::Table => {
            print_text(&outcome.table())?;
            print_text(&format!(
                "\n{}: {}\nversion {}, digest {}, files in {}\n",
                outcome.verdict(),
                comparison.reason,
                outcome.candidate.version,
                outcome.candidate.digest.short(),
                outcome.run_dir.display()
            ))?;
        }
        output => Report::facts(vec![
            ("run_id", json!(outcome.run_id.as_str())),
            ("verdict", json!(outcome.verdict().as_str())),
            ("reason", json!(comparison.reason)),
            ("mean_gain", json!(comparison.mean_gain)),
            ("version", json!(outcome.candidate.version)),
            ("digest", json!(outcome.candidate.digest.to_string())),
            ("run_dir", json!(outcome.run_dir)),
            ("networks", json!(outcome.training.members.len())),
            (
                "calibrated_through",
                json!(
                    outcome
                        .calibration
                        .as_ref()
                        .map(|c| c.after.fitted_through.to_string())
                ),
            ),
            (
                "evaluation",
                json!(EvaluationFile::from(&outcome.evaluation)),
            ),
        ])
        .print(output)?,
    }
    Ok(())
}
