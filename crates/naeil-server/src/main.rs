//! The program `naeil`: reads the command line and the configuration, wires the parts, and runs
//! one role. What the parts do stands in the crates below; this one only knows how they fit.

mod application;
mod calendar_watch;
mod cli;
mod config;
mod context;
mod exit;
mod roles;
mod telemetry;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use cli::{Cli, Command};
use config::{LogFormat, ResolvedConfig};
use context::Context;
use exit::{CommandError, CommandResult, Failure, OrFailure as _};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("error: {:#}", failed.error);
            failed.exit_code()
        }
    }
}

fn run(cli: Cli) -> CommandResult {
    let Cli {
        config,
        data_dir,
        output,
        command,
    } = cli;
    let data_dir_given = data_dir.is_some();
    let (format, filter) = log_defaults(&command);
    // Commands that print about the program itself never ask for it: they are how a broken
    // configuration is mended.
    let context = || -> Result<Context, CommandError> {
        let mut resolved = config::environment()
            .and_then(|variables| config::resolve(config.as_deref(), &variables))
            .or_failure(Failure::Config)?;
        if let Some(data_dir) = data_dir {
            resolved.set_data_dir(data_dir);
        }
        init_telemetry(&resolved, format, filter);
        Ok(Context::new(resolved, output))
    };
    match command {
        Command::Serve(args) => wait(roles::serve::run(&context()?, args)),
        Command::Import(args) => wait(roles::import::run(&context()?, args)),
        Command::Data(command) => wait(roles::data::run(&context()?, &command)),
        Command::Fetch(command) => wait(roles::fetch::run(&context()?, command)),
        Command::Simulate(args) => wait(roles::simulate::run(&context()?, &args)),
        Command::Retrain(args) => wait(roles::retrain::run(&context()?, &args)),
        Command::Evaluate(args) => wait(roles::evaluate::run(context()?, args, data_dir_given)),
        Command::Calibrate => wait(roles::calibrate::run(&context()?)),
        Command::Predict(args) => wait(roles::predict::run(&context()?, args)),
        Command::Token(args) => roles::token::run(&context()?, &args),
        Command::Key(args) => roles::key::run(output, &args),
        Command::Doctor => wait(roles::doctor::run(&context()?)),
        Command::Config(command) => roles::config::run(&command, context),
        Command::Ledger => wait(roles::ledger::run(&context()?)),
        Command::Demo(args) => wait(roles::demo::run(context()?, args, data_dir_given)),
        Command::Completions { shell } => roles::documents::completions(shell),
        Command::Man { dir } => roles::documents::manual(&dir),
    }
}

/// How long tasks that a role leaves behind may take to see that it is over.
const LEFT_TASKS: Duration = Duration::from_secs(2);

/// Runs a role to its end.
fn wait(role: impl Future<Output = CommandResult>) -> CommandResult {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(role);
    // The role has said all it had to say. A task that is left does not keep the command from its
    // end: sqlx's upkeep of idle connections has been seen to count on without one when a pool is
    // dropped at the same moment.
    runtime.shutdown_timeout(LEFT_TASKS);
    result
}

/// How a command logs unless the configuration says otherwise. Only the server is read by machines;
/// the other roles talk to a person.
fn log_defaults(command: &Command) -> (Option<LogFormat>, Option<&'static str>) {
    match command {
        Command::Serve(_) => (None, None),
        // A demo serves too, but is watched by a person, who has been told the rest already.
        Command::Demo(_) => (
            Some(LogFormat::Text),
            Some("warn,naeil_api=info,actix_http=off"),
        ),
        _ => (Some(LogFormat::Text), Some("warn")),
    }
}

fn init_telemetry(resolved: &ResolvedConfig, format: Option<LogFormat>, filter: Option<&str>) {
    let log = &resolved.config.log;
    let said = |key: &str| resolved.sources.contains_key(key);
    telemetry::init(
        format.filter(|_| !said("log.format")).unwrap_or(log.format),
        filter
            .filter(|_| !said("log.filter"))
            .unwrap_or(&log.filter),
    );
}
