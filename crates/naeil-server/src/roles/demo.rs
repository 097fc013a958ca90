//! `naeil demo`: bars in, a trained model out, predictions served, in one command.

use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use naeil_api::TokenRequest;
use naeil_domain::ports::{BarSource as _, ForecasterLoader as _, ModelRegistry as _};
use naeil_domain::{Alias, Horizon, ModelDescription, StockCode};
use naeil_pipeline::EvaluationFile;
use serde_json::json;

use super::{import, predict, retrain, simulate};
use crate::application::{Application, token_issuer};
use crate::cli::{DemoArgs, ImportArgs, Output, RetrainArgs, SimulateArgs, print_text};
use crate::config::{ResolvedConfig, Secret};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure};

/// The stock every demo asks about.
const ASKED: &str = "005930";

/// Bars to learn from, in sessions: all of the simulated market, about six years of recorded bars.
const MAX_SESSIONS: usize = 1_500;

pub(crate) async fn run(
    mut context: Context,
    args: DemoArgs,
    data_dir_given: bool,
) -> CommandResult {
    let started = Instant::now();
    let config = &mut context.resolved.config;
    if args.data.is_some() && !data_dir_given {
        // Recorded and simulated bars never share a store.
        config.data_dir = config.data_dir.join("recorded");
    }
    config.create_data_dir()?;
    if config.auth.jwt_secret.is_none() {
        config.auth.jwt_secret = Some(own_secret(&config.data_dir)?);
    }
    shrink(&mut context.resolved, &args);

    fill(&context, &args).await?;
    let description = match champion(&context).await? {
        Some(description) => {
            eprintln!(
                "there is a champion already, trained at {}",
                description.trained_at
            );
            description
        }
        None => {
            let r = &context.config().retrain;
            eprintln!(
                "training a small model: hidden {}, at most {} epochs of {} windows and {:.0} s",
                r.hidden_size,
                r.epochs,
                r.windows_per_epoch.unwrap_or_default(),
                r.max_minutes.unwrap_or_default() * 60.0,
            );
            retrain::retrain(&context, &RetrainArgs::default()).await?;
            champion(&context)
                .await?
                .context("the first model was not promoted")?
        }
    };

    let code = StockCode::parse(ASKED)?;
    let predictions = predict::predictions(&context, &[code], &Horizon::ALL).await?;
    eprintln!(
        "first prediction after {:.1} s",
        started.elapsed().as_secs_f64()
    );
    if context.output == Output::Json {
        let document = json!({
            "data_origin": description.data_origin.as_str(),
            "predictions": predictions.json(),
            "evaluation": EvaluationFile::from(&description.evaluation),
        });
        print_text(&format!("{document}\n"))?;
    } else {
        print_text(&headline(&description))?;
        predictions.print(context.output)?;
        print_text("\n")?;
        print_text(&naeil_evaluation::render_table(&description.evaluation))?;
    }
    if args.once {
        return Ok(());
    }
    serve(&context, &args).await
}

/// The demo trains a small profile, stated on the screen and stored with the model. What the user
/// has set stays as it is.
fn shrink(resolved: &mut ResolvedConfig, args: &DemoArgs) {
    let recorded = args.data.is_some();
    let ResolvedConfig { config, sources } = resolved;
    let free = |key: &str| !sources.contains_key(key);
    let r = &mut config.retrain;
    if free("retrain.sessions") {
        r.sessions = MAX_SESSIONS;
    }
    if free("retrain.hidden_size") {
        r.hidden_size = if recorded { 64 } else { 32 };
    }
    if free("retrain.epochs") {
        r.epochs = 8;
    }
    if free("retrain.seeds") {
        r.seeds = 1;
    }
    if free("retrain.windows_per_epoch") {
        r.windows_per_epoch = Some(if recorded { 40_000 } else { 12_800 });
    }
    if free("retrain.validation_windows") {
        r.validation_windows = Some(if recorded { 8_000 } else { 4_000 });
    }
    if free("retrain.max_minutes") {
        r.max_minutes = Some(if recorded { 6.0 } else { 0.75 });
    }
    if recorded && free("universe.max_stocks") {
        config.universe.max_stocks = Some(args.max_stocks);
    }
    if recorded && free("universe.always") {
        config.universe.always = vec![ASKED.to_owned()];
    }
}

async fn fill(context: &Context, args: &DemoArgs) -> CommandResult {
    if let Some(state) = context.store().await?.data_state().await? {
        let origin = state.origin.as_str();
        if args.data.is_some() && state.origin.is_simulated() {
            return Err(CommandError::new(
                Failure::Input,
                anyhow::anyhow!(
                    "{} holds simulated bars, which must not be mixed with recorded ones; leave \
                     --data-dir out, or choose another folder",
                    context.config().data_dir.display()
                ),
            ));
        }
        eprintln!("the store holds {origin} bars up to {}", state.last_session);
        return Ok(());
    }
    match &args.data {
        Some(file) => {
            let report = import::import_file(context, file, &ImportArgs::of_demo(file)).await?;
            eprintln!(
                "imported {} bars in {:.1} s, refused {}",
                report.stored,
                report.elapsed.as_secs_f64(),
                report.n_refused()
            );
        }
        None => {
            let market = SimulateArgs::of_demo(args.until);
            eprintln!("simulating a market (these are NOT real prices)");
            let report = simulate::store_market(context, &market).await?;
            eprint!("{}", report.table());
        }
    }
    Ok(())
}

/// What the champion says of itself, if there is one.
async fn champion(context: &Context) -> Result<Option<ModelDescription>, CommandError> {
    let registry = context.registry()?;
    let Some(version) = registry.by_alias(Alias::Champion).await? else {
        return Ok(None);
    };
    let bundle = registry.fetch(&version.version).await?;
    Ok(Some(context.bundle_loader()?.load(&bundle)?.description))
}

fn headline(description: &ModelDescription) -> String {
    let origin = if description.data_origin.is_simulated() {
        "SIMULATED data, not real prices"
    } else {
        "recorded data"
    };
    format!(
        "\n{origin}; {} on {} stocks, trained {}, judged {}\n\n",
        description.network,
        description.n_stocks,
        description.train_window,
        description.test_window
    )
}

async fn serve(context: &Context, args: &DemoArgs) -> CommandResult {
    let token = token_issuer(context)?.issue(&TokenRequest {
        subject: "demo".to_owned(),
        scopes: vec!["predict".to_owned()],
        ttl: Duration::from_secs(24 * 3600),
        tier: None,
    })?;
    let application = Application::build(context, &format!("127.0.0.1:{}", args.port)).await?;
    let url = application.url()?;
    print_text(&format!(
        "\ndocs   {url}/docs\ntoken  {token}\n\ntry    curl -H 'Authorization: Bearer {token}' \
         '{url}/api/v1/ai/predict/{ASKED}?horizon=1d'\n\nstop with Ctrl-C\n"
    ))?;
    application.run_until_stopped().await
}

/// A secret of this data directory's own, made on first use and readable by its owner alone.
fn own_secret(data_dir: &Path) -> Result<Secret, CommandError> {
    let path = data_dir.join("demo-jwt-secret");
    match std::fs::read_to_string(&path) {
        Ok(text) => return Ok(Secret::new(text.trim_end().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error)
                .with_context(|| format!("cannot read {}", path.display()))
                .map_err(CommandError::from);
        }
    }
    let mut bytes = [0_u8; 32];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("cannot read /dev/urandom")?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Written aside and renamed: a demo that is killed here must not leave half a secret.
    let aside = data_dir.join(format!("demo-jwt-secret.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&aside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&aside, &path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Secret::new(text))
}
