//! `naeil fetch database`: what another team's tables have and the store has not.

use anyhow::{Context as _, anyhow};
use chrono::NaiveDate;
use naeil_domain::ports::BarSource as _;
use naeil_store::ImportError;
use naeil_store::import::database::{DatabaseError, DatabaseMapping, DatabaseSource, SessionRange};

use crate::cli::{FetchDatabaseArgs, ImportBar};
use crate::config::DatabaseSourceConfig;
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};
use crate::roles::import::{BarImport, print, say_dry_run, store_of_recorded_bars};

pub(super) async fn run(context: &Context, args: FetchDatabaseArgs) -> CommandResult {
    let (url, mapping) = settings(&context.config().sources.database)?;
    let store = store_of_recorded_bars(context).await?;
    let until = context.last_final_date(&context.calendar()?);
    let state = store.data_state().await?;
    let since = first_to_read(&args, state.map(|state| state.last_session.date()));
    if let Some(since) = since.filter(|since| *since > until) {
        if args.since.is_some() {
            let error =
                anyhow!("--since {since} lies after {until}, the newest session that is final");
            return Err(CommandError::new(Failure::Input, error));
        }
        eprintln!("the store has the bars of {until}, the newest session that is final");
        return print(context, &[]);
    }
    let range = SessionRange { since, until };
    let mut source = DatabaseSource::open(url, &mapping, range)
        .await
        .map_err(classified)?;
    let from = since.map_or_else(|| "beginning".to_owned(), |since| since.to_string());
    let name = format!("{}{from}..{until}", DatabaseSource::NAME_PREFIX);
    let import = BarImport {
        dry_run: args.dry_run,
        ..BarImport::new(&name)
    };
    let bar = ImportBar::new(&name);
    let imported = import.run(context, &store, &mut source, &bar).await?;
    drop(bar);
    match imported {
        Ok(report) => {
            if args.dry_run {
                say_dry_run();
            }
            print(context, &[(name, report)])
        }
        Err(ImportError::NoRows { .. }) => {
            eprintln!("the database has no bars of {from}..{until}; nothing was stored");
            print(context, &[])
        }
        Err(ImportError::Database(error)) => Err(classified(error)),
        Err(error) => Err(CommandError::new(Failure::Input, error)),
    }
}

/// The first session to read; the newest one in the store again, because their tables may have been
/// half filled when it was read.
fn first_to_read(args: &FetchDatabaseArgs, newest: Option<NaiveDate>) -> Option<NaiveDate> {
    args.since.or(newest.filter(|_| !args.full))
}

fn settings(config: &DatabaseSourceConfig) -> Result<(&str, DatabaseMapping), CommandError> {
    let unset = |key: &str, what: &str| {
        CommandError::new(
            Failure::Config,
            anyhow!("sources.database.{key} is not set: {what}; docs/DATA.md shows both"),
        )
    };
    let url = config.url.as_ref().ok_or_else(|| {
        unset(
            "url",
            "write postgresql://USER:PASSWORD@HOST/NAME into a file and set \
             NAEIL_SOURCES__DATABASE__URL_FILE to its path",
        )
    })?;
    let path = config.mapping.as_ref().ok_or_else(|| {
        unset(
            "mapping",
            "it is the path of a file that names tables and columns",
        )
    })?;
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the mapping {}", path.display()))
        .or_failure(Failure::Config)?;
    let mapping = toml::from_str(&text)
        .with_context(|| format!("the mapping {} cannot be used", path.display()))
        .or_failure(Failure::Config)?;
    Ok((url.expose(), mapping))
}

/// What only the settings can mend is told from what a second attempt may.
fn classified(error: DatabaseError) -> CommandError {
    let failure = match &error {
        DatabaseError::Connect { .. } | DatabaseError::Query { .. } => Failure::Failed,
        _ => Failure::Config,
    };
    CommandError::new(failure, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_session_is_read_again() {
        let day = |n| NaiveDate::from_ymd_opt(2024, 1, n);
        let args = |since, full| FetchDatabaseArgs {
            since,
            full,
            dry_run: false,
        };
        assert_eq!(first_to_read(&args(None, false), day(3)), day(3));
        assert_eq!(first_to_read(&args(None, false), None), None);
        assert_eq!(first_to_read(&args(None, true), day(3)), None);
        assert_eq!(first_to_read(&args(day(2), false), day(3)), day(2));
    }
}
