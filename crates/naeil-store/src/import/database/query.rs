//! The statement that reads the bars.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use sea_orm::{DatabaseTransaction, Value};

use super::columns::{column_types, quoted, quoted_table, type_of};
use super::error::DatabaseError;
use super::mapping::{DatabaseMapping, MappedColumn, Table};
use super::source::SessionRange;

/// A statement with its parameters, which are written as `?`.
pub(super) struct Query {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// A table that is there, with the types of its columns.
struct Known<'m> {
    name: &'m str,
    quoted: String,
    alias: &'static str,
    types: BTreeMap<String, String>,
}

impl Known<'_> {
    async fn look_up<'m>(
        transaction: &DatabaseTransaction,
        key: &str,
        name: &'m str,
        alias: &'static str,
    ) -> Result<Known<'m>, DatabaseError> {
        let quoted = quoted_table(key, name)?;
        let types = column_types(transaction, name, &quoted).await?;
        Ok(Known {
            name,
            quoted,
            alias,
            types,
        })
    }

    /// A column's name in the statement, and its type.
    fn column(&self, column: &str) -> Result<(String, &str), DatabaseError> {
        let name = quoted("a column", column, "column")?;
        let kind = type_of(&self.types, self.name, column)?;
        Ok((format!("{}.{name}", self.alias), kind))
    }

    /// A column as text: every type has a spelling, and one reader for all of them is enough.
    fn as_text(&self, column: &str) -> Result<String, DatabaseError> {
        let (name, kind) = self.column(column)?;
        Ok(if is_moment(kind) {
            format!("to_char({name}, 'YYYY-MM-DD')")
        } else {
            format!("CAST({name} AS text)")
        })
    }
}

/// Whether a type is a date or a time stamp.
fn is_moment(kind: &str) -> bool {
    kind == "date" || kind.starts_with("timestamp")
}

impl Query {
    /// Checks every table and column of the mapping, and writes the statement.
    pub(super) async fn build(
        transaction: &DatabaseTransaction,
        mapping: &DatabaseMapping,
        columns: &[MappedColumn],
        range: SessionRange,
    ) -> Result<Self, DatabaseError> {
        let table = &mapping.prices.table;
        let prices = Known::look_up(transaction, "prices.table", table, "p").await?;
        let stocks = match &mapping.stocks {
            Some(stocks) => {
                Some(Known::look_up(transaction, "stocks.table", &stocks.table, "s").await?)
            }
            None => None,
        };
        let table_of = |table: Table| match (table, &stocks) {
            (Table::Stocks, Some(stocks)) => stocks,
            _ => &prices,
        };
        let selected: Result<Vec<String>, DatabaseError> = columns
            .iter()
            .map(|column| table_of(column.table).as_text(&column.column))
            .collect();
        let mut query = Self {
            sql: format!("SELECT {} FROM {} p", selected?.join(", "), prices.quoted),
            values: Vec::new(),
        };
        if let (Some(known), Some(stocks)) = (&stocks, &mapping.stocks) {
            let key = known.as_text(stocks.key.as_ref().unwrap_or(&stocks.code))?;
            let stock = prices.as_text(&mapping.prices.stock)?;
            // A price whose stock is missing comes without a code, and is refused by name.
            query.sql += &format!(" LEFT JOIN {} s ON {key} = {stock}", known.quoted);
        }
        let mut conditions = Vec::new();
        query.bound(&prices, &mapping.prices.date, range, &mut conditions)?;
        query.only(&prices, &mapping.prices.only, &mut conditions)?;
        if let (Some(known), Some(stocks)) = (&stocks, &mapping.stocks) {
            query.only(known, &stocks.only, &mut conditions)?;
        }
        if !conditions.is_empty() {
            query.sql += &format!(" WHERE {}", conditions.join(" AND "));
        }
        // The same rows are refused as duplicates whenever they are read.
        query.sql += " ORDER BY 1, 2, 3, 4, 5, 6, 7";
        Ok(query)
    }

    fn bound(
        &mut self,
        prices: &Known<'_>,
        column: &str,
        range: SessionRange,
        conditions: &mut Vec<String>,
    ) -> Result<(), DatabaseError> {
        let (name, kind) = prices.column(column)?;
        let (bounds, as_text): (_, fn(NaiveDate) -> String) = if is_moment(kind) {
            // A column of its own, so that an index on it serves.
            let bounds = format!("{name} >= CAST(? AS date)|{name} < CAST(? AS date)");
            (bounds, |date| date.to_string())
        } else {
            let digits = format!("replace(left(CAST({name} AS text), 10), '-', '')");
            (format!("{digits} >= ?|{digits} < ?"), |date| {
                date.format("%Y%m%d").to_string()
            })
        };
        let (from, before) = bounds.split_once('|').unwrap_or_default();
        if let Some(since) = range.since {
            conditions.push(from.to_owned());
            self.values.push(as_text(since).into());
        }
        conditions.push(before.to_owned());
        let day_after = range.until + Days::new(1);
        self.values.push(as_text(day_after).into());
        Ok(())
    }

    fn only(
        &mut self,
        table: &Known<'_>,
        only: &BTreeMap<String, Vec<String>>,
        conditions: &mut Vec<String>,
    ) -> Result<(), DatabaseError> {
        for (column, words) in only {
            let column = table.as_text(column)?;
            if words.is_empty() {
                conditions.push("false".to_owned());
                continue;
            }
            let places = vec!["?"; words.len()].join(", ");
            conditions.push(format!("{column} IN ({places})"));
            self.values.extend(words.iter().map(Value::from));
        }
        Ok(())
    }
}
