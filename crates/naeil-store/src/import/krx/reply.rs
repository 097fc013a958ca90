//! The shape of a reply, and bars from its rows.

use chrono::NaiveDate;
use naeil_domain::PriceBasis;
use serde::{Deserialize, Deserializer};

use super::super::row::{Refusal, RefusalReason, RowDetails, SourceRow};
use super::super::text::{parse_date, parse_grouped_number};
use super::KrxMarket;

/// Most characters of a reply that a message quotes.
const EXCERPT_CHARS: usize = 200;

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "OutBlock_1")]
    rows: Vec<KrxRow>,
}

/// One stock's trading, as the service writes it: every value is text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct KrxRow {
    #[serde(rename = "BAS_DD", deserialize_with = "text")]
    date: String,
    #[serde(rename = "ISU_CD", deserialize_with = "text")]
    code: String,
    #[serde(rename = "ISU_NM", default, deserialize_with = "text")]
    name: String,
    #[serde(rename = "MKT_NM", default, deserialize_with = "text")]
    market: String,
    #[serde(rename = "TDD_OPNPRC", deserialize_with = "text")]
    open: String,
    #[serde(rename = "TDD_HGPRC", deserialize_with = "text")]
    high: String,
    #[serde(rename = "TDD_LWPRC", deserialize_with = "text")]
    low: String,
    #[serde(rename = "TDD_CLSPRC", deserialize_with = "text")]
    close: String,
    #[serde(rename = "CMPPREVDD_PRC", default, deserialize_with = "text")]
    change: String,
    /// The change in percent.
    #[serde(rename = "FLUC_RT", default, deserialize_with = "text")]
    change_rate: String,
    #[serde(rename = "ACC_TRDVOL", deserialize_with = "text")]
    volume: String,
}

/// Text, a number or nothing, as text without spaces around it.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        Text(String),
        Whole(i64),
        Number(f64),
    }
    Ok(match Option::<Value>::deserialize(deserializer)? {
        None => String::new(),
        Some(Value::Text(text)) => text.trim().to_owned(),
        Some(Value::Whole(number)) => number.to_string(),
        Some(Value::Number(number)) => number.to_string(),
    })
}

/// Reads a reply; an error says what is wrong with it and quotes its beginning.
pub(super) fn parse(body: &str) -> Result<Vec<KrxRow>, String> {
    serde_json::from_str::<Reply>(body)
        .map(|reply| reply.rows)
        .map_err(|error| format!("{error}; it begins with: {}", excerpt(body)))
}

/// The rows of a reply if they are, on the whole, those that were asked for. A market is judged by
/// itself: an import that forgives single rows would store the other market alone and take the
/// session for done.
pub(super) fn agreed(
    rows: Vec<KrxRow>,
    market: KrxMarket,
    session: NaiveDate,
) -> Result<Vec<KrxRow>, String> {
    let mut refusals = rows
        .iter()
        .filter_map(|row| row.typed(0, market, session).err());
    let first = refusals.next();
    let n_refused = refusals.count() + usize::from(first.is_some());
    match first {
        Some(first) if n_refused * 2 > rows.len() => Err(format!(
            "{n_refused} of its {} rows cannot be used; of the first one, {} ('{}')",
            rows.len(),
            first.explanation,
            excerpt(&first.value)
        )),
        _ => Ok(rows),
    }
}

/// The beginning of a text, on one line.
pub(super) fn excerpt(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let beginning: String = chars.by_ref().take(EXCERPT_CHARS).collect();
    match chars.next() {
        None if beginning.is_empty() => "(nothing)".to_owned(),
        None => beginning,
        Some(_) => format!("{beginning}..."),
    }
}

impl KrxRow {
    pub(super) fn code(&self) -> &str {
        short_code(&self.code)
    }

    pub(super) fn date_text(&self) -> &str {
        &self.date
    }

    /// The bar of one row, which must be of `session`.
    pub(super) fn typed(
        &self,
        line: u64,
        market: KrxMarket,
        session: NaiveDate,
    ) -> Result<SourceRow<'_>, Refusal> {
        let date = parse_date(&self.date)?;
        if date != session {
            let explanation =
                format!("the row is not of the session that was asked for, {session}");
            return Err(Refusal::new(
                RefusalReason::BadDate,
                explanation,
                &*self.date,
            ));
        }
        self.check_market(market)?;
        let close = number("close", &self.close)?;
        let base_price = self.change()?.map(|change| close - change);
        Ok(SourceRow {
            line,
            code: self.code(),
            name: &self.name,
            market: market.name(),
            date,
            open: number("open", &self.open)?,
            high: number("high", &self.high)?,
            low: number("low", &self.low)?,
            close,
            volume: number("volume", &self.volume)?,
            adjustment_factor: None,
            basis: Some(PriceBasis::AsTraded),
            base_price,
            details: RowDetails {
                isin: is_isin(&self.code).then_some(&*self.code),
                ..RowDetails::default()
            },
        })
    }
}

impl KrxRow {
    /// Close minus base price. A change without its sign would make a corporate action of every
    /// fall, so it must go where its rate goes.
    fn change(&self) -> Result<Option<f64>, Refusal> {
        let change = match present(&self.change) {
            "" => return Ok(None),
            change => number("change", change)?,
        };
        let rate = match present(&self.change_rate) {
            "" => change,
            rate => number("change_rate", rate)?,
        };
        if change * rate < 0.0 {
            let explanation = "the change and its rate have opposite signs";
            let value = format!("{} and {} %", self.change, self.change_rate);
            return Err(Refusal::new(RefusalReason::BadNumber, explanation, value));
        }
        Ok(Some(change))
    }

    /// The row must not name another board than the one that was asked for; a segment of it, such
    /// as "KOSDAQ GLOBAL", is none.
    fn check_market(&self, asked: KrxMarket) -> Result<(), Refusal> {
        let is_a_market = ["KOSPI", "KOSDAQ", "KONEX"].contains(&&*self.market);
        if !is_a_market || self.market == asked.name() {
            return Ok(());
        }
        let explanation = format!(
            "the row is not of the market that was asked for, {}",
            asked.name()
        );
        Err(Refusal::new(
            RefusalReason::UnknownMarket,
            explanation,
            &*self.market,
        ))
    }
}

fn number(column: &str, text: &str) -> Result<f64, Refusal> {
    parse_grouped_number(column, present(text), Some(','))
}

fn present(text: &str) -> &str {
    if text == "-" { "" } else { text }
}

/// KR7005930003 is the stock 005930: country, kind, six characters of the stock, two of the issue
/// and a check digit.
fn short_code(code: &str) -> &str {
    if is_isin(code) { &code[3..9] } else { code }
}

fn is_isin(code: &str) -> bool {
    code.len() == 12 && code.starts_with("KR") && code.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row in the service's own shape; the figures are those of 005930 on 2024-01-03.
    fn body(code: &str, change: &str) -> String {
        format!(
            r#"{{"OutBlock_1":[{{"BAS_DD":"20240103","ISU_CD":"{code}","ISU_NM":"삼성전자",
            "MKT_NM":"KOSPI","SECT_TP_NM":"-","TDD_CLSPRC":"77,000","CMPPREVDD_PRC":"{change}",
            "FLUC_RT":"-3.27","TDD_OPNPRC":"78500","TDD_HGPRC":"78800","TDD_LWPRC":"77000",
            "ACC_TRDVOL":"21753644","ACC_TRDVAL":"1684527000000","MKTCAP":"459673000000000",
            "LIST_SHRS":"5969782550"}}]}}"#
        )
    }

    fn session() -> NaiveDate {
        "2024-01-03".parse().unwrap()
    }

    #[test]
    fn a_row_gives_bar_and_base_price_under_both_spellings_of_the_code() {
        for (code, isin) in [("005930", None), ("KR7005930003", Some("KR7005930003"))] {
            let rows = parse(&body(code, "-2600")).unwrap();
            let row = rows[0].typed(1, KrxMarket::Kospi, session()).unwrap();
            assert_eq!((row.code, row.details.isin), ("005930", isin));
            assert_eq!(
                (row.open, row.high, row.low),
                (78_500.0, 78_800.0, 77_000.0)
            );
            assert_eq!((row.close, row.volume), (77_000.0, 21_753_644.0));
            // The close of 2024-01-02.
            assert_eq!(row.base_price, Some(79_600.0));
            assert_eq!(row.basis, Some(PriceBasis::AsTraded));
        }
        for change in ["-", ""] {
            let rows = parse(&body("005930", change)).unwrap();
            let row = rows[0].typed(1, KrxMarket::Kospi, session()).unwrap();
            assert_eq!(row.base_price, None);
        }
    }

    #[test]
    fn a_row_of_another_day_is_refused() {
        let rows = parse(&body("005930", "0")).unwrap();
        let other = "2024-01-04".parse().unwrap();
        let refusal = rows[0].typed(1, KrxMarket::Kospi, other).unwrap_err();
        assert_eq!(
            (refusal.reason.code(), &*refusal.value),
            ("bad_date", "20240103")
        );
    }

    #[test]
    fn a_change_without_its_sign_and_a_row_of_another_market_are_refused() {
        let rows = parse(&body("005930", "2600")).unwrap();
        let refusal = rows[0].typed(1, KrxMarket::Kospi, session()).unwrap_err();
        assert_eq!(
            (refusal.reason.code(), &*refusal.value),
            ("bad_number", "2600 and -3.27 %")
        );
        let rows = parse(&body("005930", "-2600")).unwrap();
        let refusal = rows[0].typed(1, KrxMarket::Kosdaq, session()).unwrap_err();
        assert_eq!(
            (refusal.reason.code(), &*refusal.value),
            ("unknown_market", "KOSPI")
        );
        let segment = body("005930", "-2600").replace("\"KOSPI\"", "\"KOSPI 200\"");
        let rows = parse(&segment).unwrap();
        assert!(rows[0].typed(1, KrxMarket::Kospi, session()).is_ok());
    }

    #[test]
    fn another_shape_is_quoted_but_not_at_length() {
        let error = parse(r#"{"respCode":"401","respMsg":"Unauthorized Key"}"#).unwrap_err();
        assert!(error.contains("missing field `OutBlock_1`"), "{error}");
        assert!(error.contains("Unauthorized Key"), "{error}");
        let error = parse(&"가".repeat(10_000)).unwrap_err();
        assert!(error.chars().count() < 300, "{error}");
        assert!(parse("").unwrap_err().contains("(nothing)"));
        let error = parse(r#"{"OutBlock_1":[{"BAS_DD":"20240103"}]}"#).unwrap_err();
        assert!(error.contains("missing field `ISU_CD`"), "{error}");
    }
}
