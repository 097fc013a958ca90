//! `naeil config`: shows, checks and documents the configuration.

use serde_json::json;

use super::retrain::pipeline_config;
use crate::application::jwt_secret;
use crate::cli::{ConfigCommand, Report, RetrainArgs, print_text, shown};
use crate::config;
use crate::context::Context;
use crate::exit::{CommandError, CommandResult};

/// `context` is asked for only where it is needed: what documents the configuration has to work
/// while it is broken.
pub(crate) fn run(
    command: &ConfigCommand,
    context: impl FnOnce() -> Result<Context, CommandError>,
) -> CommandResult {
    match command {
        ConfigCommand::Show { .. } => {
            let context = context()?;
            show(&context).print(context.output)?;
        }
        ConfigCommand::Check => check(&context()?)?,
        ConfigCommand::Example => print_text(&config::example())?,
        ConfigCommand::Schema => {
            print_text(&format!(
                "{}\n",
                serde_json::to_string_pretty(&config::schema())?
            ))?;
        }
    }
    Ok(())
}

/// Resolving has found unknown keys and wrong types; the rest is judged by whoever uses it.
fn check(context: &Context) -> CommandResult {
    context.calendar()?;
    pipeline_config(context.config(), &RetrainArgs::default())?;
    let auth = &context.config().auth;
    if auth.jwt_secret.is_some() {
        jwt_secret(auth)?;
    }
    eprintln!("the configuration can be used");
    Ok(())
}

fn show(context: &Context) -> Report {
    let entries = context.resolved.entries();
    let rows = entries
        .iter()
        .map(|(key, value, source)| vec![key.clone(), shown(value), source.to_string()])
        .collect();
    let json = entries
        .into_iter()
        .map(|(key, value, source)| {
            json!({"key": key, "value": value, "source": source.to_string()})
        })
        .collect();
    Report::new(vec!["key", "value", "source"], rows, json)
}
