//! Import and features.

use naeil_domain::{DataOrigin, PriceBasis, Session, TradingCalendar};
use naeil_features::{FeaturePanel, FeatureSpec};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_store::Store;
use naeil_store::import::{FileSource, ImportOptions};
use naeil_tests::dev_data::dev_data;
use naeil_tests::figures::{Times, head, row};

fn main() -> anyhow::Result<()> {
    head(
        "Data",
        &["what", "size", "median ms (min to max)", "rows/s"],
    );
    import()?;
    features()
}

fn import() -> anyhow::Result<()> {
    let Some(file) = dev_data("data/krx_daily_2019_2024.parquet") else {
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut rows = 0;
    let mut seconds = Vec::new();
    for _ in 0..3 {
        let dir = tempfile::tempdir()?;
        let url = format!(
            "sqlite://{}?mode=rwc",
            dir.path().join("bench.db").display()
        );
        let report = runtime.block_on(async {
            let store = Store::open(&url).await?;
            let options = ImportOptions {
                basis: PriceBasis::BackAdjusted,
                origin: DataOrigin::Recorded,
                today: chrono::Utc::now().date_naive(),
                calendar: TradingCalendar::xkrx(),
                rejects_file: Some(dir.path().join("rejects.csv")),
                source_name: "bench".to_owned(),
                dry_run: false,
            };
            anyhow::Ok(
                store
                    .import(&mut FileSource::open(&file)?, &options, &mut |_| ())
                    .await?,
            )
        })?;
        rows = usize::try_from(report.rows_read)?;
        seconds.push(report.elapsed.as_secs_f64());
    }
    let times = Times::new(seconds);
    row(&[
        "import of Parquet into SQLite",
        &format!("{rows} rows"),
        &times.milliseconds(),
        &times.rate(rows),
    ]);
    Ok(())
}

fn features() -> anyhow::Result<()> {
    let config = MarketConfig {
        n_stocks: 2_500,
        n_sessions: 730,
        until: Session::parse("2026-11-20")?,
        ..MarketConfig::default()
    };
    let bars = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?.panel();
    let spec = FeatureSpec::v2();
    let times = Times::of(5, || {
        FeaturePanel::compute(&spec, &bars).map(|panel| panel.stocks().len())
    });
    let rows = bars.stocks().len() * bars.sessions().len();
    row(&[
        &format!("features v1, {} columns", spec.n_columns()),
        &format!(
            "{} stocks x {} sessions",
            bars.stocks().len(),
            bars.sessions().len()
        ),
        &times.milliseconds(),
        &times.rate(rows),
    ]);
    Ok(())
}
