//! The bars that indicators are compared on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use naeil_domain::{
    Bar, BarPanel, BarPanelBuilder, Market, PriceBasis, Session, Stock, StockCode, TradingCalendar,
};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_store::import::{FileSource, ReadRow, RowSource as _, SourceRow};
use naeil_tests::dev_data::dev_data;

/// Splits (005930 is whole, 035720 and 086520 split 5:1 after a halt), long halts, short lives.
const NOTABLE: [&str; 12] = [
    "005930", "035720", "086520", "000660", "180400", "257370", "178780", "099520", "432980",
    "387570", "398120", "464580",
];

/// How many stocks in all; the others are spread over the codes.
const N_STOCKS: usize = 40;

type Bars = BTreeMap<String, BTreeMap<NaiveDate, Bar>>;

/// Forty recorded stocks over six years; simulated ones where the development data folder is not
/// at hand.
pub(crate) fn panel() -> BarPanel {
    match dev_data("data/krx_daily_2019_2024.parquet") {
        Some(file) => recorded(FileSource::open(&file).unwrap()),
        None => {
            eprintln!("simulated bars stand in for the recorded ones");
            simulated()
        }
    }
}

fn simulated() -> BarPanel {
    let config = MarketConfig {
        n_stocks: N_STOCKS,
        n_sessions: 600,
        ..MarketConfig::default()
    };
    SimulatedMarket::generate(&config, &TradingCalendar::xkrx())
        .unwrap()
        .panel()
}

fn recorded(mut source: FileSource) -> BarPanel {
    let mut bars = Bars::new();
    let mut more = true;
    while more {
        more = source
            .read(8192, &mut |row| {
                if let ReadRow::Typed(row) = row
                    && let Some(bar) = bar(&row)
                {
                    bars.entry(row.code.to_owned())
                        .or_default()
                        .insert(row.date, bar);
                }
                Ok(())
            })
            .unwrap();
    }
    let spread = bars.len() / (N_STOCKS - NOTABLE.len());
    let mut chosen: BTreeSet<&str> = NOTABLE.into();
    chosen.extend(bars.keys().step_by(spread).map(String::as_str));
    assert!(chosen.len() >= N_STOCKS, "{} stocks", chosen.len());
    assert!(chosen.iter().all(|code| bars.contains_key(*code)));

    let dates: BTreeSet<NaiveDate> = bars.values().flat_map(BTreeMap::keys).copied().collect();
    let sessions: Vec<Session> = dates.iter().map(|date| Session::new(*date)).collect();
    let stock = |code: &&str| Stock {
        code: StockCode::parse(code).unwrap(),
        name: (*code).to_owned(),
        market: Market::Kospi,
        first_session: sessions[0],
        last_session: sessions[sessions.len() - 1],
    };
    let mut panel = BarPanelBuilder::new(sessions.clone(), chosen.iter().map(stock).collect());
    for (stock_idx, code) in chosen.iter().enumerate() {
        for (session_idx, date) in dates.iter().enumerate() {
            if let Some(bar) = bars[*code].get(date) {
                panel.set(stock_idx, session_idx, bar);
            }
        }
    }
    panel.build()
}

/// The bar of a row, unless the store would refuse it.
fn bar(row: &SourceRow<'_>) -> Option<Bar> {
    let bar = Bar {
        open: row.open,
        high: row.high,
        low: row.low,
        close: row.close,
        volume: row.volume,
        adjustment_factor: 1.0,
        basis: PriceBasis::BackAdjusted,
    };
    bar.check().is_ok().then_some(bar)
}
