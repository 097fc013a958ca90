//! Judging rows: what may enter the store.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use naeil_domain::{Bar, Exchange, Market, PLAUSIBLE_PRICES, PriceBasis, StockCode};

use super::details::StatedDetails;
use super::report::ImportOptions;
use super::row::{Refusal, RefusalReason, SourceRow};
use super::session_set::SessionSet;
use crate::packed::PackedBar;

/// A bar that was admitted; its stock is the `stock_no`-th one of [`Admission::stocks`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AdmittedBar {
    pub(super) stock_no: u32,
    pub(super) packed: PackedBar,
}

/// A stock of which at least one bar was admitted.
#[derive(Debug)]
pub(super) struct AdmittedStock {
    pub(super) code: StockCode,
    /// Name and market as of the newest session that states them: both change over the years. The
    /// code where no name is stated.
    pub(super) name: String,
    named_on: Option<NaiveDate>,
    pub(super) market: Market,
    pub(super) first_session: NaiveDate,
    pub(super) last_session: NaiveDate,
    pub(super) details: StatedDetails,
    sessions: SessionSet,
}

/// Judges the rows of one source. It remembers the stocks and, as bits, their sessions; not the
/// rows.
pub(super) struct Admission<'o> {
    options: &'o ImportOptions,
    stocks: Vec<AdmittedStock>,
    no_of_code: HashMap<Exchange, HashMap<String, u32>>,
    sessions: BTreeSet<(Exchange, NaiveDate)>,
}

impl<'o> Admission<'o> {
    pub(super) fn new(options: &'o ImportOptions) -> Self {
        Self {
            options,
            stocks: Vec::new(),
            no_of_code: HashMap::new(),
            sessions: BTreeSet::new(),
        }
    }

    /// In the order of their first bars.
    pub(super) fn stocks(&self) -> &[AdmittedStock] {
        &self.stocks
    }

    /// Every session with an admitted bar.
    pub(super) fn sessions(&self) -> &BTreeSet<(Exchange, NaiveDate)> {
        &self.sessions
    }

    /// The exchange of a code that was admitted, or the only one of the source.
    pub(super) fn exchange_of(&self, code: &str) -> Option<Exchange> {
        let mut having = self
            .no_of_code
            .iter()
            .filter(|(_, no)| no.contains_key(code));
        match (having.next(), having.next(), self.no_of_code.len()) {
            (Some((&exchange, _)), None, _) => Some(exchange),
            (None, None, 1) => self.no_of_code.keys().next().copied(),
            _ => None,
        }
    }

    /// Judges one row.
    pub(super) fn admit(&mut self, row: &SourceRow<'_>) -> Result<AdmittedBar, Refusal> {
        let market = check_market(row.market);
        let known = match &market {
            Ok(market) => self.known(market.exchange(), row.code),
            Err(_) => None,
        };
        let code = match known {
            Some(_) => None,
            None => Some(check_code(row.code)?),
        };
        let market = market?;
        if known.is_none() {
            check_zeros(row.code, market.exchange())?;
        }
        self.check_date(row.date, market.exchange())?;
        let bar = self.bar(row);
        bar.check().map_err(|defect| {
            let values = format!(
                "open={} high={} low={} close={} volume={} adjustment_factor={}",
                bar.open, bar.high, bar.low, bar.close, bar.volume, bar.adjustment_factor
            );
            Refusal::new(RefusalReason::Bar(defect), defect.to_string(), values)
        })?;
        let stock_no = match (known, code) {
            (Some(stock_no), _) => stock_no,
            (None, code) => self.add_stock(row, code, market)?,
        };
        self.take_place(stock_no, row, market)?;
        self.sessions.insert((market.exchange(), row.date));
        Ok(AdmittedBar {
            stock_no,
            packed: PackedBar {
                session: row.date,
                revision: 0,
                bar,
                // A base price that no stock has had states nothing.
                base_price: row
                    .base_price
                    .filter(|base| PLAUSIBLE_PRICES.contains(base)),
            },
        })
    }

    /// Rows of one stock mostly follow each other, so the last one is tried first.
    fn known(&self, exchange: Exchange, code: &str) -> Option<u32> {
        let is_it = |last: &&AdmittedStock| {
            last.code.as_str() == code && last.market.exchange() == exchange
        };
        match self.stocks.last().filter(is_it) {
            Some(_) => u32::try_from(self.stocks.len() - 1).ok(),
            None => self.no_of_code.get(&exchange)?.get(code).copied(),
        }
    }

    fn add_stock(
        &mut self,
        row: &SourceRow<'_>,
        code: Option<StockCode>,
        market: Market,
    ) -> Result<u32, Refusal> {
        let too_many = || {
            let explanation = "the source has more codes than any exchange lists";
            Refusal::new(RefusalReason::BadCode, explanation, row.code)
        };
        let stock_no = u32::try_from(self.stocks.len()).map_err(|_| too_many())?;
        let code = match code {
            Some(code) => code,
            None => check_code(row.code)?,
        };
        self.no_of_code
            .entry(market.exchange())
            .or_default()
            .insert(row.code.to_owned(), stock_no);
        self.stocks.push(AdmittedStock {
            name: row.code.to_owned(),
            named_on: None,
            market,
            first_session: row.date,
            last_session: row.date,
            details: StatedDetails::default(),
            sessions: SessionSet::default(),
            code,
        });
        Ok(stock_no)
    }

    fn take_place(
        &mut self,
        stock_no: u32,
        row: &SourceRow<'_>,
        market: Market,
    ) -> Result<(), Refusal> {
        let stock = &mut self.stocks[stock_no as usize];
        if !stock.sessions.insert(row.date) {
            let explanation = "an earlier row has the same code and date";
            let value = format!("{} {}", row.code, row.date);
            return Err(Refusal::new(
                RefusalReason::DuplicateRow,
                explanation,
                value,
            ));
        }
        stock.first_session = stock.first_session.min(row.date);
        stock.details.hear(row.date, &row.details);
        if row.date >= stock.last_session {
            stock.last_session = row.date;
            stock.market = market;
        }
        if states_name(row) && stock.named_on.is_none_or(|on| on <= row.date) {
            stock.named_on = Some(row.date);
            if stock.name != row.name {
                stock.name = row.name.to_owned();
            }
        }
        Ok(())
    }

    fn check_date(&self, date: NaiveDate, exchange: Exchange) -> Result<(), Refusal> {
        let refuse =
            |reason, explanation: String| Err(Refusal::new(reason, explanation, date.to_string()));
        if date < earliest() {
            return refuse(
                RefusalReason::BadDate,
                format!("date lies before {}", earliest()),
            );
        }
        if date > self.options.today {
            return refuse(
                RefusalReason::FutureDate,
                format!(
                    "date lies after {}, the last day whose bars can be final",
                    self.options.today
                ),
            );
        }
        if exchange.has_calendar() && matches!(self.options.calendar.is_session(date), Ok(false)) {
            return refuse(
                RefusalReason::NotASession,
                "the exchange did not trade on that day".to_owned(),
            );
        }
        Ok(())
    }

    fn bar(&self, row: &SourceRow<'_>) -> Bar {
        let basis = row.basis.unwrap_or(match row.adjustment_factor {
            Some(_) => PriceBasis::AsTraded,
            None => self.options.basis,
        });
        // A sum with zero has no negative zero.
        Bar {
            open: row.open + 0.0,
            high: row.high + 0.0,
            low: row.low + 0.0,
            close: row.close,
            volume: row.volume + 0.0,
            adjustment_factor: row.adjustment_factor.unwrap_or(1.0),
            basis,
        }
    }
}

/// No exchange's daily bars that we know of are older, and a slip of the pen often is.
fn earliest() -> NaiveDate {
    NaiveDate::from_ymd_opt(1900, 1, 1).expect("the first day of 1900 exists")
}

/// Sources without names leave them out or repeat the code.
fn states_name(row: &SourceRow<'_>) -> bool {
    !row.name.is_empty() && row.name != row.code
}

fn check_code(text: &str) -> Result<StockCode, Refusal> {
    if text.is_empty() {
        return Err(Refusal::missing("code"));
    }
    StockCode::parse(text)
        .map_err(|error| Refusal::new(RefusalReason::BadCode, error.to_string(), text))
}

/// 5930 would be a stock of its own beside 005930.
fn check_zeros(code: &str, exchange: Exchange) -> Result<(), Refusal> {
    if exchange == Exchange::Krx && code.len() < 6 && code.bytes().all(|b| b.is_ascii_digit()) {
        let explanation = "codes of this exchange have six characters; a spreadsheet takes away the \
                           leading zeros of codes, store the column as text";
        return Err(Refusal::new(RefusalReason::BadCode, explanation, code));
    }
    Ok(())
}

fn check_market(text: &str) -> Result<Market, Refusal> {
    if text.is_empty() {
        return Err(Refusal::missing("market"));
    }
    Market::parse(text)
        .map_err(|error| Refusal::new(RefusalReason::UnknownMarket, error.to_string(), text))
}
