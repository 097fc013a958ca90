//! `cargo xtask <command>`: what one does to this repository, under one name each.
//!
//! One file a command. The product's own work is done by the binary `naeil`; the commands here
//! build it, run it, and prove that the repository is in order. Every process that is started is
//! printed to stderr first. Nothing of the product is a dependency of this crate, so it builds in
//! seconds and still works when the product does not compile.

mod bench;
mod check;
mod documented;
mod layering;
mod licences;
mod naeil;
mod outcome;
mod process;
mod prove;
mod services;
mod test;
mod units;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::check::Step;
use crate::workspace::Workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Builds, runs and proves naeil",
    after_help = naeil::ROLES_HELP
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks layering, documents, units, formatting, licences, lints and rustdoc
    Check {
        /// Only these steps
        #[arg(value_enum)]
        steps: Vec<Step>,
    },
    /// Builds the workspace and runs every test, end-to-end and documentation tests included
    Test {
        /// Passed on to `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Runs one of the long proofs; without a name, lists them
    Prove {
        /// The proof
        name: Option<String>,
        /// Passed on to the proof
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Runs one benchmark, or all of them
    Bench {
        /// The benchmark
        name: Option<String>,
        /// Passed on to the benchmark
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Starts a real server to work against, until Ctrl-C; without a name, lists them
    Services {
        /// The service
        name: Option<String>,
    },
    #[command(external_subcommand)]
    Naeil(Vec<OsString>),
}

fn main() -> ExitCode {
    run(Cli::parse()).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::read(&std::env::current_dir()?)?;
    match cli.command {
        Command::Check { steps } => check::run(&workspace, &steps),
        Command::Test { args } => test::run(&workspace, &args),
        Command::Prove { name, args } => prove::run(&workspace, name.as_deref(), &args),
        Command::Bench { name, args } => bench::run(&workspace, name.as_deref(), &args),
        Command::Services { name } => services::run(name.as_deref()),
        Command::Naeil(args) => naeil::run(&workspace, &args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
