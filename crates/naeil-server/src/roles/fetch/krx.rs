//! `naeil fetch krx`: session by session, each in an import of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use chrono::NaiveDate;
use naeil_store::import::krx::{KrxClient, KrxConfig, KrxError, KrxSource};
use naeil_store::{ImportError, ImportReport, Store};
use serde_json::json;

use crate::cli::{FetchKrxArgs, ImportBar, Report};
use crate::config::KrxSourceConfig;
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};
use crate::roles::import::{BarImport, store_of_recorded_bars};

pub(super) async fn run(context: &Context, args: FetchKrxArgs) -> CommandResult {
    // Before anything is made on disk, and before a long list of sessions is begun.
    let client = Arc::new(client(&context.config().sources.krx)?);
    let asked = sessions(context, &args)?;
    let store = store_of_recorded_bars(context).await?;
    let todo = if args.refetch {
        asked.clone()
    } else {
        let done = fetched_before(&store).await?;
        asked
            .iter()
            .filter(|s| !done.contains(s))
            .copied()
            .collect()
    };
    let mut tally = Tally {
        asked: asked.len(),
        skipped: asked.len() - todo.len(),
        ..Tally::default()
    };
    if args.dry_run {
        let (first, last) = (todo.first(), todo.last());
        if let (Some(first), Some(last)) = (first, last) {
            eprintln!(
                "a dry run: {} sessions from {first} to {last} would be fetched in {} calls",
                todo.len(),
                2 * todo.len()
            );
        } else {
            eprintln!("a dry run: nothing would be fetched");
        }
        return tally.print(context, &todo);
    }
    for (n_done, session) in todo.iter().enumerate() {
        let fetched = fetch(context, &store, &client, *session).await?;
        match fetched {
            Ok(report) => tally.add(&report),
            Err(error) => {
                eprintln!(
                    "{n_done} of {} sessions are stored; the same command goes on with {session}",
                    todo.len()
                );
                return Err(classified(error)).with_session(*session);
            }
        }
    }
    tally.print(context, &[])
}

fn client(config: &KrxSourceConfig) -> Result<KrxClient, CommandError> {
    let Some(key) = &config.auth_key else {
        return Err(CommandError::new(
            Failure::Config,
            anyhow!(
                "sources.krx.auth_key is not set: get a key at https://openapi.krx.co.kr, write it \
                 into a file, and set NAEIL_SOURCES__KRX__AUTH_KEY_FILE to that file's path"
            ),
        ));
    };
    KrxClient::new(KrxConfig {
        base_url: config.base_url.clone(),
        calls_per_second: config.calls_per_second,
        timeout: Duration::from_secs(config.timeout_seconds),
        max_attempts: config.max_attempts,
        ..KrxConfig::new(key.expose())
    })
    .or_failure(Failure::Config)
}

/// The sessions that are asked for and final.
fn sessions(context: &Context, args: &FetchKrxArgs) -> Result<Vec<NaiveDate>, CommandError> {
    let calendar = context.calendar()?;
    let newest = context.last_final_date(&calendar);
    let until = args.until.unwrap_or(newest);
    if args.from > until {
        return Err(CommandError::new(
            Failure::Input,
            anyhow!(
                "--from {} lies after the last session to fetch, {until}",
                args.from
            ),
        ));
    }
    if until > newest {
        eprintln!(
            "the bars of {newest} are the newest that are final; later sessions are left out"
        );
    }
    let sessions = calendar
        .sessions_between(args.from, until.min(newest))
        .context("which days were sessions is not known for all of them")
        .or_failure(Failure::Input)?;
    Ok(sessions.into_iter().map(|session| session.date()).collect())
}

async fn fetched_before(store: &Store) -> Result<BTreeSet<NaiveDate>, CommandError> {
    let names = store.imported_sources(KrxSource::NAME_PREFIX).await?;
    Ok(names
        .iter()
        .filter_map(|name| name.strip_prefix(KrxSource::NAME_PREFIX)?.parse().ok())
        .collect())
}

async fn fetch(
    context: &Context,
    store: &Store,
    client: &Arc<KrxClient>,
    session: NaiveDate,
) -> Result<Result<ImportReport, ImportError>, CommandError> {
    let name = KrxSource::source_name(session);
    let bar = ImportBar::new(&name);
    let mut source = KrxSource::new(Arc::clone(client), session);
    let import = BarImport::new(&name);
    import.run(context, store, &mut source, &bar).await
}

fn classified(error: ImportError) -> CommandError {
    let failure = match &error {
        ImportError::Krx(KrxError::KeyRefused { .. } | KrxError::Settings { .. }) => {
            Failure::Config
        }
        _ => Failure::Failed,
    };
    CommandError::new(failure, error)
}

trait WithSession {
    fn with_session(self, session: NaiveDate) -> CommandResult;
}

impl WithSession for Result<(), CommandError> {
    fn with_session(self, session: NaiveDate) -> CommandResult {
        self.map_err(|failed| CommandError {
            error: failed
                .error
                .context(format!("nothing of {session} was stored")),
            ..failed
        })
    }
}

/// What all sessions together came to.
#[derive(Default)]
struct Tally {
    asked: usize,
    skipped: usize,
    fetched: usize,
    stored: u64,
    corrected: u64,
    unchanged: u64,
    refused: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn add(&mut self, report: &ImportReport) {
        self.fetched += 1;
        self.stored += report.stored;
        self.corrected += report.corrected;
        self.unchanged += report.unchanged;
        for (reason, n) in &report.refused {
            *self.refused.entry(reason).or_default() += n;
        }
        if let Some(path) = &report.rejects_file {
            eprintln!("refused rows and why: {}", path.display());
        }
    }

    fn print(&self, context: &Context, to_fetch: &[NaiveDate]) -> CommandResult {
        let mut facts = vec![
            ("sessions_asked_for", json!(self.asked)),
            ("fetched_before", json!(self.skipped)),
            ("fetched", json!(self.fetched)),
            ("bars_stored", json!(self.stored)),
            ("corrected", json!(self.corrected)),
            ("unchanged", json!(self.unchanged)),
            ("refused", json!(self.refused)),
        ];
        if !to_fetch.is_empty() {
            let dates: Vec<String> = to_fetch.iter().map(NaiveDate::to_string).collect();
            facts.push(("would_fetch", json!(dates)));
        }
        Report::facts(facts).print(context.output)?;
        Ok(())
    }
}
