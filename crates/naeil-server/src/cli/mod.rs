//! The command line: what can be asked, in the words a user types.

mod data;
mod evaluate;
mod fetch;
mod import;
mod lessons;
mod output;
mod progress;
mod retrain;

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use naeil_simulator::MarketConfig;

pub(crate) use data::{CheckArgs, DataCommand};
pub(crate) use evaluate::{EvaluateArgs, WINDOWS_PER_EPOCH};
pub(crate) use fetch::{FetchCommand, FetchDatabaseArgs, FetchKrxArgs};
pub(crate) use import::{BasisChoice, ImportArgs};
pub(crate) use output::{Output, Report, print_text, shown};
pub(crate) use progress::{EvaluationTalk, ImportBar, TrainingTalk, spinner};
pub(crate) use retrain::{RetrainArgs, check_name};

use crate::exit::EXIT_CODES;

/// Learns from daily market bars and serves next-day, 5-day and 20-day direction predictions.
#[derive(Debug, Parser)]
#[command(name = "naeil", version, about, long_about = LONG_ABOUT, after_long_help = EXIT_CODES)]
#[command(propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Configuration file (TOML). 'naeil config example' prints one.
    #[arg(long, global = true, env = "NAEIL_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Folder for store, registry and runs; the same for every command.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// How results are printed on standard output.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,

    #[command(subcommand)]
    pub(crate) command: Command,
}

const LONG_ABOUT: &str = "\
naeil (내일, \"tomorrow\") learns from daily market bars and serves next-day, 5-day and 20-day
direction predictions for every listed stock.

To begin, on a bare machine:

  naeil demo --once             everything at once, on a simulated market
or step by step
  naeil import bars.parquet     store bars (Parquet, CSV, CSV.gz)
  naeil fetch krx --from DATE   or get them from the exchange
  naeil retrain                 train, judge, register and promote a model
  naeil predict 005930          ask it
  naeil serve                   serve it over HTTP

Results go to standard output, everything else to standard error. Settings come from defaults,
then the file given by --config, then variables such as NAEIL_HTTP__BIND.";

/// The roles of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves predictions over HTTP.
    #[command(after_long_help = lessons::SERVE)]
    Serve(ServeArgs),
    /// Stores bars from Parquet, CSV or gzipped CSV files.
    #[command(after_long_help = lessons::IMPORT)]
    Import(ImportArgs),
    /// Checks the stored bars and lists what is known about them.
    #[command(subcommand)]
    #[command(after_long_help = lessons::DATA)]
    Data(DataCommand),
    /// Stores bars from the exchange's Open API, or from a database that another team fills.
    #[command(subcommand)]
    #[command(after_long_help = lessons::FETCH)]
    Fetch(FetchCommand),
    /// Stores the bars of a simulated market with a planted signal.
    #[command(after_long_help = lessons::SIMULATE)]
    Simulate(SimulateArgs),
    /// Trains a model, judges it, registers it, and promotes it if it has earned it.
    #[command(after_long_help = lessons::RETRAIN)]
    Retrain(RetrainArgs),
    /// Judges the model on the past as it would have been used, beside simpler forecasters.
    #[command(after_long_help = lessons::EVALUATE)]
    Evaluate(EvaluateArgs),
    /// Fits the champion's probabilities and intervals to the outcomes known by now.
    #[command(after_long_help = lessons::CALIBRATE)]
    Calibrate,
    /// Predicts stocks with the champion.
    #[command(after_long_help = lessons::PREDICT)]
    Predict(PredictArgs),
    /// Makes tokens for the HTTP API.
    #[command(after_long_help = lessons::TOKEN)]
    Token(TokenArgs),
    /// Makes a key that signs models, and prints its public half.
    #[command(after_long_help = lessons::KEY)]
    Key(KeyArgs),
    /// Checks everything naeil depends on and says how to mend what is wrong.
    Doctor,
    /// Shows, checks and documents the configuration.
    #[command(subcommand)]
    #[command(after_long_help = lessons::CONFIG)]
    Config(ConfigCommand),
    /// Lists every promotion decision, oldest first.
    Ledger,
    /// Does the whole job on a simulated market, or on recorded bars, and serves it.
    #[command(after_long_help = lessons::DEMO)]
    Demo(DemoArgs),
    /// Prints shell completions.
    #[command(after_long_help = lessons::COMPLETIONS)]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes the manual pages into a folder.
    #[command(after_long_help = lessons::MAN)]
    Man {
        /// The folder, made if missing.
        dir: PathBuf,
    },
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on instead of http.bind; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) bind: Option<SocketAddr>,
}

/// Arguments of `simulate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimulateArgs {
    /// Seed of the market; the same seed gives the same bars.
    #[arg(long, default_value_t = MarketConfig::default().seed)]
    pub(crate) seed: u64,

    /// Stocks listed at any time.
    #[arg(long, default_value_t = MarketConfig::default().n_stocks)]
    pub(crate) stocks: usize,

    /// Sessions.
    #[arg(long, default_value_t = MarketConfig::default().n_sessions)]
    pub(crate) sessions: usize,

    /// Last session at the latest [default: the day before today].
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<NaiveDate>,

    /// Rank IC at 1d that an all-knowing forecaster would reach; 0 plants nothing.
    #[arg(long, default_value_t = MarketConfig::default().signal_strength)]
    pub(crate) signal: f64,
}

/// Arguments of `predict`.
#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// Stock codes such as 005930.
    #[arg(required = true, value_name = "CODE")]
    pub(crate) codes: Vec<String>,

    /// Sessions ahead: 1d, 5d or 20d [default: all three].
    #[arg(long)]
    pub(crate) horizon: Option<String>,
}

/// Arguments of `token`.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Who the token is for (claim sub).
    #[arg(long, default_value = "cli", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) subject: String,

    /// What it allows (claim scope), separated by spaces.
    #[arg(long, default_value = "predict", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) scope: String,

    /// Minutes until it expires (claim exp).
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=527_040))]
    pub(crate) minutes: u32,
}

/// Arguments of `key`.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// The file for the private key; one that is there is not overwritten.
    pub(crate) file: PathBuf,
}

/// What can be asked of the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints every setting with its value and where it comes from.
    Show {
        /// Secrets are never shown, with or without it; the flag says so in scripts.
        #[arg(long)]
        redacted: bool,
    },
    /// Says whether the configuration can be used.
    Check,
    /// Prints a documented file with every setting at its default.
    Example,
    /// Prints the JSON Schema of the file.
    Schema,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Port to serve on.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,

    /// Predicts 005930, prints the evaluation, and ends instead of serving.
    #[arg(long)]
    pub(crate) once: bool,

    /// Recorded bars to use instead of a simulated market; kept apart in .naeil/recorded unless
    /// --data-dir says otherwise.
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,

    /// With --data: stocks to learn from, those of greatest median traded value.
    #[arg(long, default_value_t = 200, requires = "data")]
    pub(crate) max_stocks: usize,

    /// Last session of the simulated market at the latest [default: the day before today].
    #[arg(long, value_name = "DATE", conflicts_with = "data")]
    pub(crate) until: Option<NaiveDate>,
}

impl SimulateArgs {
    /// The demo's market.
    pub(crate) fn of_demo(until: Option<NaiveDate>) -> Self {
        let market = MarketConfig::default();
        Self {
            seed: market.seed,
            stocks: market.n_stocks,
            sessions: market.n_sessions,
            until,
            signal: market.signal_strength,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_argument_explains_itself() {
        for command in Cli::command().get_subcommands() {
            assert!(
                command.get_about().is_some(),
                "{} has no description",
                command.get_name()
            );
            let teaches = command.get_after_long_help().is_some();
            let plain = ["doctor", "ledger"].contains(&command.get_name());
            assert!(teaches || plain, "{} teaches nothing", command.get_name());
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {} has no help",
                    command.get_name(),
                    argument.get_id()
                );
            }
        }
    }
}
