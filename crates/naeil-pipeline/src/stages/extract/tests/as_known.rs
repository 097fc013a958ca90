//! Corrections and a real store: what was known then stays what was known then.

use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::{Digest, Session, Stock, TradingCalendar};
use naeil_features::FeatureSpec;
use naeil_store::import::IterSource;
use naeil_store::{ImportOptions, Store};

use super::*;
use crate::dataset::Dataset;

type Row = (Stock, Session, Bar);

/// The bars of the small market, one by one.
fn rows() -> Vec<Row> {
    let market = small_market(N_SESSIONS, 1);
    let mut rows = Vec::new();
    for (stock_idx, stock) in market.stocks().iter().enumerate() {
        let bars = market.stock_bars(stock_idx);
        for (at, &session) in market.sessions().iter().enumerate() {
            let bar = Bar {
                open: bars.open[at],
                high: bars.high[at],
                low: bars.low[at],
                close: bars.close[at],
                volume: bars.volume[at],
                adjustment_factor: 1.0,
                basis: PriceBasis::BackAdjusted,
            };
            rows.push((stock.clone(), session, bar));
        }
    }
    rows
}

async fn import(store: &Store, rows: Vec<Row>) {
    let options = ImportOptions {
        basis: PriceBasis::BackAdjusted,
        origin: naeil_domain::DataOrigin::Recorded,
        today: NaiveDate::from_ymd_opt(2024, 12, 30).unwrap(),
        calendar: TradingCalendar::xkrx(),
        rejects_file: None,
        source_name: "test".to_owned(),
        dry_run: false,
    };
    let mut source = IterSource::new(rows);
    store
        .import(&mut source, &options, &mut |_| ())
        .await
        .unwrap();
}

/// Data digest, digest of the features, and revision of a run.
async fn extracted(
    test: &TestPorts,
    as_known_at: Option<DateTime<Utc>>,
    until: Option<Session>,
) -> (Digest, Digest, u64) {
    let mut config = quick_config();
    config.data.as_known_at = as_known_at;
    config.data.until = until;
    let context = context(test, config);
    run(&context).await.unwrap();
    let snapshot = snapshot_of(&context);
    let (digest, revision) = (snapshot.digest, snapshot.revision);
    let spec = FeatureSpec::v2();
    let split = plan_split(snapshot.bars.sessions(), &spec, &context.config).unwrap();
    let dataset = Dataset::compute(snapshot, &spec, split).unwrap();
    (digest, dataset.panel_digest(), revision)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_correction_changes_neither_an_earlier_snapshot_nor_its_features() {
    let store = Arc::new(Store::open_in_memory().await.unwrap());
    let mut test = TestPorts::empty();
    test.ports.bars = store.clone();
    test.ports.history = store.clone();
    let rows = rows();
    import(&store, rows.clone()).await;
    let last = rows.last().unwrap().1;
    let before = extracted(&test, None, None).await;
    let then = Utc::now();

    // A close in the middle is corrected, another session arrives, and a name changes.
    let (mut stock, session, mut bar) = rows[rows.len() / 2].clone();
    bar.close *= 1.001;
    bar.high = bar.high.max(bar.close);
    stock.name = "renamed".to_owned();
    let calendar = TradingCalendar::xkrx();
    let next = last.date().iter_days().skip(1);
    let next = next
        .take(30)
        .find(|&date| calendar.is_session(date) == Ok(true));
    let (newest, _, same) = rows.last().unwrap().clone();
    let more = (newest, Session::new(next.unwrap()), same);
    import(&store, vec![(stock, session, bar), more]).await;

    let as_known_then = extracted(&test, Some(then), None).await;
    assert_eq!(as_known_then.0, before.0, "data digest");
    assert_eq!(as_known_then.1, before.1, "features");
    let up_to_then = extracted(&test, None, Some(last)).await;
    assert_ne!(up_to_then.0, before.0, "the correction is known now");
    assert_ne!(up_to_then.1, before.1);
    assert_ne!(up_to_then.2, before.2, "the revision moved");
}
