//! What base prices state, whatever the order in which bars and corrections arrive.

use std::collections::BTreeMap;

use naeil_domain::ports::{BarHistory as _, BarRequest, BarSource as _};
use naeil_domain::{BarPanel, CorporateAction};
use naeil_store::import::{ReadRow, RowDetails, RowSink, RowSource, SourceRow};
use naeil_store::{ImportError, Store};
use naeil_test_support::builders::{bar, sessions, stock};
use proptest::prelude::*;

use crate::support::options;

const CODES: [&str; 3] = ["000660", "005930", "035420"];
const N_SESSIONS: usize = 6;

/// (stock, session)
type Place = (usize, usize);

/// Close and base price.
type Said = (f64, Option<f64>);

/// One import: what it says of some stocks and sessions, in any order.
fn import() -> impl Strategy<Value = Vec<(Place, Said)>> {
    let price = || prop::sample::select(vec![100.0, 50.0, 20.0]);
    let place = (0..CODES.len(), 0..N_SESSIONS);
    prop::collection::btree_map(place, (price(), prop::option::of(price())), 1..8)
        .prop_map(|bars| bars.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

struct Rows(Vec<(Place, Said)>);

impl RowSource for Rows {
    fn read(&mut self, _: usize, sink: &mut RowSink<'_>) -> Result<bool, ImportError> {
        let sessions = sessions("2024-01-02", N_SESSIONS);
        for (line, &((stock_no, session_no), (close, base_price))) in (1..).zip(&self.0) {
            let (stock, bar) = (stock(CODES[stock_no]), bar(close));
            sink(ReadRow::Typed(SourceRow {
                line,
                code: stock.code.as_str(),
                name: &stock.name,
                market: stock.market.as_str(),
                date: sessions[session_no].date(),
                open: bar.open,
                high: bar.high,
                low: bar.low,
                close: bar.close,
                volume: bar.volume,
                adjustment_factor: None,
                basis: Some(bar.basis),
                base_price,
                details: RowDetails::default(),
            }))?;
        }
        Ok(false)
    }
}

async fn store_of(imports: impl IntoIterator<Item = Vec<(Place, Said)>>) -> Store {
    let store = Store::open_in_memory().await.unwrap();
    for rows in imports {
        store
            .import(&mut Rows(rows), &options(None), &mut |_| {})
            .await
            .unwrap();
    }
    store
}

/// Every price of a panel, bit by bit.
fn bits(panel: &BarPanel) -> Vec<u64> {
    (0..panel.stocks().len())
        .flat_map(|stock_idx| {
            let bars = panel.stock_bars(stock_idx);
            [bars.open, bars.high, bars.low, bars.close, bars.volume].concat()
        })
        .map(|value| if value.is_nan() { 0 } else { value.to_bits() })
        .collect()
}

async fn read(store: &Store, request: &BarRequest) -> (Vec<u64>, Vec<CorporateAction>) {
    let panel = store.bars(request).await.unwrap();
    (
        bits(&panel),
        store.actions(request.as_known_at).await.unwrap(),
    )
}

async fn check(history: Vec<Vec<(Place, Said)>>) {
    let mut last_said: BTreeMap<Place, Said> = BTreeMap::new();
    for &(place, (close, base_price)) in history.iter().flatten() {
        let said = last_said.entry(place).or_insert((close, None));
        *said = (close, base_price.or(said.1));
    }
    let in_pieces = store_of(history).await;
    let at_once = store_of([last_said.into_iter().collect::<Vec<_>>()]).await;
    let newest = read(&in_pieces, &BarRequest::default()).await;
    assert_eq!(newest, read(&at_once, &BarRequest::default()).await);
    // The packed values and the history behind them say the same.
    let known_now = BarRequest {
        as_known_at: Some(chrono::Utc::now()),
        ..BarRequest::default()
    };
    assert_eq!(newest, read(&in_pieces, &known_now).await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn many_imports_state_what_one_import_of_everything_states(
        history in prop::collection::vec(import(), 1..7),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(check(history));
    }
}
