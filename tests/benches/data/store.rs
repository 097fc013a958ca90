//! Import and reading, on SQLite and on a PostgreSQL that keeps what it commits.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use naeil_domain::ports::{BarRequest, BarSource as _};
use naeil_domain::{DataOrigin, PriceBasis, Session, TradingCalendar};
use naeil_features::SERVING_SESSIONS;
use naeil_services::Postgres;
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_store::Store;
use naeil_store::import::{FileSource, ImportOptions, IterSource, RowSource};
use naeil_tests::dev_data::dev_data;
use naeil_tests::figures::{Times, head, row};

const N_STOCKS: usize = 2_500;

/// Import of the main recorded set where it is at hand, then the read of a server's start.
pub(super) fn bench() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    head(
        "Store",
        &[
            "what",
            "database",
            "size",
            "median ms (min to max)",
            "bars/s",
        ],
    );
    let folder = tempfile::tempdir()?;
    if let Some(file) = dev_data("data/krx_daily_2019_2024.parquet") {
        import_into_sqlite(&runtime, &file, folder.path())?;
        import_into_postgres(&runtime, &file)?;
        row(&[
            "greatest memory of this process so far",
            "both",
            &format!("{:.0} MB", peak_memory()?),
            "",
            "",
        ]);
    }
    let postgres = Postgres::start_durable()?;
    let sqlite = format!("sqlite://{}", folder.path().join("market.db").display());
    for (database, url) in [("SQLite", sqlite.as_str()), ("PostgreSQL", postgres.url())] {
        runtime.block_on(read(database, url))?;
    }
    Ok(())
}

fn import_into_sqlite(
    runtime: &tokio::runtime::Runtime,
    file: &Path,
    folder: &Path,
) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let mut rows = 0;
    for round in 0..3 {
        let url = format!("sqlite://{}", folder.join(format!("{round}.db")).display());
        let (n, seconds) = runtime.block_on(import(&url, file))?;
        rows = n;
        times.push(seconds);
    }
    report("import of Parquet", "SQLite", rows, &Times::new(times));
    Ok(())
}

fn import_into_postgres(runtime: &tokio::runtime::Runtime, file: &Path) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..3 {
        let postgres = Postgres::start_durable()?;
        let (n, seconds) = runtime.block_on(import(postgres.url(), file))?;
        rows = n;
        times.push(seconds);
    }
    report("import of Parquet", "PostgreSQL", rows, &Times::new(times));
    Ok(())
}

async fn import(url: &str, file: &Path) -> anyhow::Result<(usize, f64)> {
    let store = Store::open(url).await?;
    let mut source = FileSource::open(file)?;
    let report = store
        .import(&mut source, &options(DataOrigin::Recorded)?, &mut |_| ())
        .await?;
    store.close().await?;
    Ok((
        usize::try_from(report.rows_read)?,
        report.elapsed.as_secs_f64(),
    ))
}

/// What a server reads at its start.
async fn read(database: &str, url: &str) -> anyhow::Result<()> {
    let store = Store::open(url).await?;
    let config = MarketConfig {
        n_stocks: N_STOCKS,
        n_sessions: SERVING_SESSIONS + 40,
        until: Session::parse("2026-11-20")?,
        ..MarketConfig::default()
    };
    let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?;
    let mut source = IterSource::new(market.bars());
    let source: &mut dyn RowSource = &mut source;
    store
        .import(source, &options(DataOrigin::Simulated)?, &mut |_| ())
        .await?;
    let request = BarRequest {
        last_sessions: Some(SERVING_SESSIONS),
        ..BarRequest::default()
    };
    let mut times = Vec::new();
    let mut n_bars = 0;
    for _ in 0..5 {
        let started = Instant::now();
        let panel = store.bars(&request).await?;
        times.push(started.elapsed().as_secs_f64());
        n_bars = panel.stocks().len() * panel.sessions().len();
    }
    let what = format!("read of the last {SERVING_SESSIONS} sessions of {N_STOCKS} stocks");
    report(&what, database, n_bars, &Times::new(times));
    Ok(())
}

fn options(origin: DataOrigin) -> anyhow::Result<ImportOptions> {
    Ok(ImportOptions {
        basis: PriceBasis::BackAdjusted,
        origin,
        today: "2026-11-20".parse()?,
        calendar: TradingCalendar::xkrx(),
        rejects_file: None,
        source_name: "bench".to_owned(),
        dry_run: false,
    })
}

fn report(what: &str, database: &str, rows: usize, times: &Times) {
    row(&[
        what,
        database,
        &format!("{rows} bars"),
        &times.milliseconds(),
        &times.rate(rows),
    ]);
}

/// Megabytes that this process has held at most; the databases' own processes are not in it.
fn peak_memory() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .context("the system does not tell the memory of processes")?;
    let kilobytes: f64 = line
        .split_whitespace()
        .nth(1)
        .context("VmHWM has no value")?
        .parse()?;
    Ok(kilobytes / 1024.0)
}
