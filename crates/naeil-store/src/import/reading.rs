//! Reading one row of text by a layout.

use chrono::NaiveDate;
use naeil_domain::PriceBasis;

use super::columns::{Columns, Place, REQUIRED};
use super::layout::Layout;
use super::row::{Refusal, RefusalReason, RowDetails, SourceRow};
use super::text::{parse_date, parse_date_as, parse_grouped_number};

/// A layout whose columns were found: what turns the fields of a row into a bar.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) columns: Columns,
    pub(super) basis: Option<PriceBasis>,
    price_unit: f64,
    volume_unit: f64,
    thousands: Option<char>,
    date_format: Option<String>,
    missing: Vec<String>,
    markets: Vec<(String, String)>,
}

impl Reading {
    pub(super) fn new(columns: Columns, layout: &Layout) -> Self {
        Self {
            columns,
            basis: layout.basis,
            price_unit: layout.price_unit,
            volume_unit: layout.volume_unit,
            thousands: layout.text.thousands,
            date_format: layout.text.date_format.clone(),
            missing: layout.text.missing.clone(),
            markets: layout.markets.clone().into_iter().collect(),
        }
    }

    /// Types one row; `text_at` gives the trimmed text of a column.
    pub(super) fn typed<'r>(
        &'r self,
        line: u64,
        text_at: &impl Fn(usize) -> Result<&'r str, Refusal>,
    ) -> Result<SourceRow<'r>, Refusal> {
        let text = |at: usize| Ok::<_, Refusal>(self.present(text_at(at)?));
        let placed = |no: usize| match &self.columns.required[no] {
            Place::Column(at) => text(*at),
            Place::Given(given) => Ok(given.as_str()),
            Place::Nowhere => Ok(""),
        };
        let number = |no: usize| parse_grouped_number(REQUIRED[no], placed(no)?, self.thousands);
        let optional = |column: &str, at: Option<usize>| match at.map(text).transpose()? {
            None | Some("") => Ok(None),
            Some(text) => parse_grouped_number(column, text, self.thousands).map(Some),
        };
        let word = |at: Option<usize>| {
            let text = at.map(text).transpose()?;
            Ok::<_, Refusal>(text.filter(|text| !text.is_empty()))
        };
        let date = |at: Option<usize>| word(at)?.map(|text| self.date(text)).transpose();
        let columns = &self.columns;
        let factor = columns
            .adjustment_factor
            .map(|at| parse_grouped_number("adjustment_factor", text(at)?, self.thousands))
            .transpose()?;
        let adj_close = columns
            .adj_close
            .map(|at| parse_grouped_number("adj_close", text(at)?, self.thousands))
            .transpose()?;
        let written = Written {
            prices: [number(4)?, number(5)?, number(6)?, number(7)?],
            volume: number(8)?,
            factor,
            adj_close,
            base_price: optional("base_price", columns.base_price)?,
            change: optional("change", columns.change)?,
        };
        let when = placed(3)?;
        if when.is_empty() {
            return Err(Refusal::missing("date"));
        }
        Ok(SourceRow {
            line,
            code: placed(0)?,
            name: placed(1)?,
            market: self.market(placed(2)?),
            date: match columns.required[3] {
                Place::Given(_) => parse_date(when)?,
                _ => self.date(when)?,
            },
            details: RowDetails {
                isin: word(columns.isin)?,
                sector: word(columns.sector)?,
                listed_on: date(columns.listed_on)?,
                delisted_on: date(columns.delisted_on)?,
            },
            ..self.bar(&written)?
        })
    }

    /// Brings what is written in a row to whole units, with the factor and base price that follow
    /// from it. The words and the date are left empty.
    pub(super) fn bar<'r>(&self, written: &Written) -> Result<SourceRow<'r>, Refusal> {
        let [open, high, low, close] = written.prices.map(|price| price * self.price_unit);
        let adjustment_factor = match (written.factor, written.adj_close) {
            (Some(factor), _) => Some(factor),
            (None, Some(adj_close)) => Some(factor_of(adj_close, written.prices[3])?),
            (None, None) => None,
        };
        let base_price = written
            .base_price
            .or_else(|| written.change.map(|change| written.prices[3] - change))
            .map(|price| price * self.price_unit);
        Ok(SourceRow {
            line: 0,
            code: "",
            name: "",
            market: "",
            date: NaiveDate::default(),
            open,
            high,
            low,
            close,
            volume: written.volume * self.volume_unit,
            adjustment_factor,
            basis: self.basis.filter(|_| adjustment_factor.is_none()),
            base_price,
            details: RowDetails::default(),
        })
    }

    /// A date written as the layout says.
    pub(super) fn date(&self, text: &str) -> Result<NaiveDate, Refusal> {
        match &self.date_format {
            Some(format) => parse_date_as(format, text),
            None => parse_date(text),
        }
    }

    /// The market that a word means.
    pub(super) fn market<'r>(&'r self, word: &'r str) -> &'r str {
        self.markets
            .iter()
            .find(|(theirs, _)| theirs == word)
            .map_or(word, |(_, ours)| ours)
    }

    /// Nothing, where the text is a word for nothing.
    fn present<'r>(&self, text: &'r str) -> &'r str {
        if self.missing.iter().any(|word| word == text) {
            ""
        } else {
            text
        }
    }
}

/// Numbers of one row as they are written, in the layout's units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    /// Open, high, low, close.
    pub(super) prices: [f64; 4],
    pub(super) volume: f64,
    pub(super) factor: Option<f64>,
    pub(super) adj_close: Option<f64>,
    pub(super) base_price: Option<f64>,
    pub(super) change: Option<f64>,
}

/// Only ratios of factors between sessions are ever used, so it does not matter that a vendor
/// anchors them at the newest session: the level of such a factor knows every later action, the
/// ratio of two only those between its sessions. That holds within one download; a later one has
/// another anchor, which is why a whole history is imported again rather than its newest rows.
fn factor_of(adj_close: f64, close: f64) -> Result<f64, Refusal> {
    let factor = adj_close / close;
    if factor.is_finite() && factor > 0.0 {
        return Ok(factor);
    }
    Err(Refusal::new(
        RefusalReason::BadNumber,
        "adj_close / close is not a positive factor",
        format!("{adj_close} / {close}"),
    ))
}
