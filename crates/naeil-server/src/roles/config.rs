//! `naeil config`: shows, checks and documents the configuration.

use serde_json::{Value, json};

use crate::cli::{ConfigCommand, Report, print_text};
use crate::config;
use crate::context::Context;
use crate::exit::CommandResult;

pub(crate) fn run(context: &Context, command: &ConfigCommand) -> CommandResult {
    match command {
        ConfigCommand::Show { .. } => show(context).print(context.output)?,
        // A configuration that cannot be used has ended the program before it came here.
        ConfigCommand::Check => eprintln!("the configuration can be used"),
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

fn show(context: &Context) -> Report {
    let entries = context.resolved.entries();
    let rows = entries
        .iter()
        .map(|(key, value, source)| {
            let shown = match value {
                Value::Null => "-".to_owned(),
                value => value.to_string(),
            };
            vec![key.clone(), shown, source.to_string()]
        })
        .collect();
    let json = entries
        .into_iter()
        .map(|(key, value, source)| {
            json!({"key": key, "value": value, "source": source.to_string()})
        })
        .collect();
    Report::new(vec!["key", "value", "source"], rows, json)
}
