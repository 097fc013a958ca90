//! What the other team calls its tables and columns.

use std::collections::BTreeMap;

use naeil_domain::PriceBasis;
use serde::Deserialize;

use super::super::layout::{Layout, LayoutColumns, LayoutConstants};
use super::error::DatabaseError;

/// Names of tables and columns. Plain data, read from TOML by the caller; an unknown key is refused
/// by name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseMapping {
    /// The table with one row a (stock, session).
    pub prices: PricesTable,
    /// The table with one row a stock, if there is one.
    #[serde(default)]
    pub stocks: Option<StocksTable>,
    /// What the prices mean. Unset: a factor makes them as traded, else the import's option decides.
    #[serde(default, deserialize_with = "super::super::layout::basis")]
    pub basis: Option<PriceBasis>,
    /// What one unit of a price column is worth in the market's currency.
    #[serde(default = "super::super::layout::one")]
    pub price_unit: f64,
    /// What one unit of the volume column is worth in shares.
    #[serde(default = "super::super::layout::one")]
    pub volume_unit: f64,
    /// The market of every row, where no column says it.
    #[serde(default)]
    pub market: Option<String>,
    /// Words for markets and the market each means.
    #[serde(default)]
    pub markets: BTreeMap<String, String>,
}

/// The table of prices; all but `only` name its columns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each field is the value of that name in the long format"
)]
pub struct PricesTable {
    /// The table, with its schema if that is not the first one of the role: `schema.table`.
    pub table: String,
    /// The stock: its code, or whatever `stocks.key` is called in this table.
    pub stock: String,
    pub date: String,
    pub open: String,
    pub high: String,
    pub low: String,
    pub close: String,
    pub volume: String,
    #[serde(default)]
    pub market: Option<String>,
    #[serde(default)]
    pub adjustment_factor: Option<String>,
    #[serde(default)]
    pub adj_close: Option<String>,
    #[serde(default)]
    pub base_price: Option<String>,
    #[serde(default)]
    pub change: Option<String>,
    /// Only rows whose column has one of these values.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
}

/// The table of stocks; all but `only` name its columns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each field is the value of that name in the long format"
)]
pub struct StocksTable {
    /// The table, with its schema if that is not the first one of the role: `schema.table`.
    pub table: String,
    pub code: String,
    /// What `prices.stock` refers to. Unset: the code.
    #[serde(default)]
    pub key: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub market: Option<String>,
    #[serde(default)]
    pub isin: Option<String>,
    #[serde(default)]
    pub sector: Option<String>,
    #[serde(default)]
    pub listed_on: Option<String>,
    #[serde(default)]
    pub delisted_on: Option<String>,
    /// Only stocks whose column has one of these values.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
}

/// One of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Prices,
    Stocks,
}

/// A value of the long format and the column it is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MappedColumn {
    pub(super) value: &'static str,
    pub(super) table: Table,
    pub(super) column: String,
}

impl DatabaseMapping {
    /// Every value that a column has, the stock's code first and the date second.
    pub(super) fn columns(&self) -> Vec<MappedColumn> {
        let prices = &self.prices;
        let always = |value, column: &String| (value, Table::Prices, Some(column.clone()));
        let of_prices = |value, column: &Option<String>| (value, Table::Prices, column.clone());
        let of_stocks = |value, column: fn(&StocksTable) -> Option<String>| {
            (value, Table::Stocks, self.stocks.as_ref().and_then(column))
        };
        let code = match &self.stocks {
            Some(stocks) => ("code", Table::Stocks, Some(stocks.code.clone())),
            None => always("code", &prices.stock),
        };
        let market = match &prices.market {
            Some(_) => of_prices("market", &prices.market),
            None => of_stocks("market", |stocks| stocks.market.clone()),
        };
        [
            code,
            always("date", &prices.date),
            always("open", &prices.open),
            always("high", &prices.high),
            always("low", &prices.low),
            always("close", &prices.close),
            always("volume", &prices.volume),
            market,
            of_prices("adjustment_factor", &prices.adjustment_factor),
            of_prices("adj_close", &prices.adj_close),
            of_prices("base_price", &prices.base_price),
            of_prices("change", &prices.change),
            of_stocks("name", |stocks| stocks.name.clone()),
            of_stocks("isin", |stocks| stocks.isin.clone()),
            of_stocks("sector", |stocks| stocks.sector.clone()),
            of_stocks("listed_on", |stocks| stocks.listed_on.clone()),
            of_stocks("delisted_on", |stocks| stocks.delisted_on.clone()),
        ]
        .into_iter()
        .filter_map(|(value, table, column)| {
            Some(MappedColumn {
                value,
                table,
                column: column?,
            })
        })
        .collect()
    }

    /// How the selected rows read: their columns are called as in the long format.
    pub(super) fn layout(&self) -> Result<Layout, DatabaseError> {
        let columns = self.columns();
        let has = |value: &str| {
            columns
                .iter()
                .any(|column| column.value == value)
                .then(|| value.to_owned())
        };
        if has("market").is_none() && self.market.is_none() {
            return Err(DatabaseError::NoPlace {
                value: "market",
                remedy: "stocks.market, prices.market, or market = \"KOSPI\" for all",
            });
        }
        let layout = Layout {
            basis: self.basis,
            price_unit: self.price_unit,
            volume_unit: self.volume_unit,
            columns: LayoutColumns {
                name: has("name"),
                market: has("market"),
                adjustment_factor: has("adjustment_factor"),
                adj_close: has("adj_close"),
                base_price: has("base_price"),
                change: has("change"),
                isin: has("isin"),
                sector: has("sector"),
                listed_on: has("listed_on"),
                delisted_on: has("delisted_on"),
                ..Layout::long_format().columns
            },
            constants: LayoutConstants {
                market: self.market.clone().filter(|_| has("market").is_none()),
                ..LayoutConstants::default()
            },
            markets: self.markets.clone(),
            ..Layout::long_format()
        };
        layout.check_values()?;
        Ok(layout)
    }
}
