//! The program `naeil`: reads the command line and the configuration, wires the parts, and runs
//! one role. What the parts do stands in the crates below; this one only knows how they fit.

mod application;
mod cli;
mod config;
mod context;
mod exit;
mod roles;
mod telemetry;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use config::{LogFormat, ResolvedConfig};
use context::Context;
use exit::{CommandResult, Failure, OrFailure as _};

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
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let mut resolved =
        config::resolve(cli.config.as_deref(), &variables).or_failure(Failure::Config)?;
    let data_dir_given = cli.data_dir.is_some();
    if let Some(data_dir) = cli.data_dir {
        resolved.config.data_dir = data_dir;
    }
    init_telemetry(&cli.command, &resolved);

    let context = Context::new(resolved, cli.output);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => roles::serve::run(&context, args).await,
            Command::Import(args) => roles::import::run(&context, args).await,
            Command::Simulate(args) => roles::simulate::run(&context, &args).await,
            Command::Retrain => roles::retrain::run(&context).await,
            Command::Predict(args) => roles::predict::run(&context, args).await,
            Command::Token(args) => roles::token::run(&context, &args),
            Command::Doctor => roles::doctor::run(&context).await,
            Command::Config(command) => roles::config::run(&context, &command),
            Command::Ledger => roles::ledger::run(&context).await,
            Command::Demo(args) => roles::demo::run(context, args, data_dir_given).await,
            Command::Completions { shell } => roles::documents::completions(shell),
            Command::Man { dir } => roles::documents::manual(&dir),
        }
    })
}

/// Only the server is read by machines; the other roles talk to a person unless told otherwise.
fn init_telemetry(command: &Command, resolved: &ResolvedConfig) {
    let log = &resolved.config.log;
    let format_said = resolved.sources.contains_key("log.format");
    let filter_said = resolved.sources.contains_key("log.filter");
    let (format, filter) = match command {
        Command::Serve(_) => (log.format, log.filter.as_str()),
        // A demo serves too, but is watched by a person, who has been told the rest already.
        Command::Demo(_) => (LogFormat::Text, "warn,naeil_api=info"),
        _ => (LogFormat::Text, "warn"),
    };
    telemetry::init(
        if format_said { log.format } else { format },
        if filter_said { &log.filter } else { filter },
    );
}
