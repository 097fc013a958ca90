//! The market that the proof looks at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use naeil_domain::{
    Bar, BarPanel, BarPanelBuilder, Market as ListedOn, PriceBasis, Session, Stock, StockCode,
    TradingCalendar,
};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_store::import::{FileSource, ReadRow, RowSource};

use crate::dev_data::dev_data;

/// Rows taken at a time.
const READ_ROWS: usize = 65_536;

/// Bars, and how closely to look at them.
#[derive(Debug)]
pub struct Market {
    /// The bars.
    pub bars: BarPanel,
    /// Which bars, in words.
    pub description: String,
    /// Every how many sessions a server's read is compared with the whole history.
    pub read_every: usize,
}

impl Market {
    /// One recorded set of the development data folder, or, if there is none, a simulated market,
    /// which is printed.
    ///
    /// Of the stocks every `stocks_every`-th is taken, besides those with known splits.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn recorded_or_simulated(
        file: &str,
        stocks_every: usize,
        read_every: usize,
    ) -> anyhow::Result<Self> {
        let (bars, source) = match recorded(file)? {
            Some(bars) => (bars, file),
            None => {
                eprintln!("a simulated market is looked at instead");
                let config = MarketConfig {
                    n_stocks: 300,
                    n_sessions: 730,
                    until: Session::parse("2026-11-20")?,
                    ..MarketConfig::default()
                };
                let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?;
                (market.panel(), "simulated market")
            }
        };
        let is_split = |stock: &Stock| {
            let code = stock.code.as_str();
            super::SPLITS.iter().any(|(split, _)| *split == code)
        };
        let bars = bars.retain_stocks(|i, stock| i % stocks_every == 0 || is_split(stock));
        let (n_stocks, n_sessions) = (bars.stocks().len(), bars.sessions().len());
        Ok(Self {
            bars,
            description: format!("{source}, {n_stocks} stocks x {n_sessions} sessions"),
            read_every,
        })
    }
}

/// One recorded set of the development data folder, or `None` with the reason printed.
///
/// # Errors
/// If the file cannot be read.
pub fn recorded(file: &str) -> anyhow::Result<Option<BarPanel>> {
    dev_data(&format!("data/{file}"))
        .map(|path| read(&path))
        .transpose()
}

/// Reads a file of bars; rows that an import refuses are left out.
fn read(path: &Path) -> anyhow::Result<BarPanel> {
    let mut source = FileSource::open(path)?;
    let mut rows: Vec<(StockCode, ListedOn, Session, Bar)> = Vec::new();
    let mut take = |row: ReadRow<'_>| {
        let ReadRow::Typed(row) = row else {
            return Ok(());
        };
        let bar = Bar {
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            volume: row.volume,
            adjustment_factor: row.adjustment_factor.unwrap_or(1.0),
            basis: PriceBasis::BackAdjusted,
        };
        let (Ok(code), Ok(market)) = (StockCode::parse(row.code), ListedOn::parse(row.market))
        else {
            return Ok(());
        };
        if bar.check().is_ok() {
            rows.push((code, market, Session::new(row.date), bar));
        }
        Ok(())
    };
    while source.read(READ_ROWS, &mut take)? {}
    let sessions: BTreeSet<Session> = rows.iter().map(|row| row.2).collect();
    let sessions: Vec<Session> = sessions.into_iter().collect();
    let mut stocks: BTreeMap<&StockCode, Stock> = BTreeMap::new();
    for (code, market, session, _) in &rows {
        let stock = stocks.entry(code).or_insert_with(|| Stock {
            code: code.clone(),
            name: code.to_string(),
            market: *market,
            first_session: *session,
            last_session: *session,
        });
        stock.first_session = stock.first_session.min(*session);
        stock.last_session = stock.last_session.max(*session);
    }
    let stocks: Vec<Stock> = stocks.into_values().collect();
    let mut builder = BarPanelBuilder::new(sessions.clone(), stocks.clone());
    for (code, _, session, bar) in &rows {
        let stock_idx = stocks.binary_search_by(|stock| stock.code.cmp(code));
        let session_idx = sessions.binary_search(session);
        if let (Ok(stock_idx), Ok(session_idx)) = (stock_idx, session_idx) {
            builder.set(stock_idx, session_idx, bar);
        }
    }
    Ok(builder.build())
}
