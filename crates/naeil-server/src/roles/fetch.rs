//! `naeil fetch`: bars from the exchange's Open API or from another team's database.

mod database;
mod krx;

use crate::cli::FetchCommand;
use crate::context::Context;
use crate::exit::CommandResult;

pub(crate) async fn run(context: &Context, command: FetchCommand) -> CommandResult {
    match command {
        FetchCommand::Krx(args) => krx::run(context, args).await,
        FetchCommand::Database(args) => database::run(context, args).await,
    }
}
