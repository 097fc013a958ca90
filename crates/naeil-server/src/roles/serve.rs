//! `naeil serve`: predictions over HTTP.

use crate::application::Application;
use crate::cli::{ServeArgs, print_text};
use crate::context::Context;
use crate::exit::CommandResult;

pub(crate) async fn run(context: &Context, args: ServeArgs) -> CommandResult {
    let bind = args
        .bind
        .map_or_else(|| context.config().http.bind.clone(), |b| b.to_string());
    let application = Application::build(context, &bind).await?;
    // The only line on standard output: with port 0 it is how a caller learns the port.
    print_text(&format!("{}\n", application.url()?))?;
    application.run_until_stopped().await
}
